"""Case extracts from file to counts: read, judged by the codebook's rules, counted unit by unit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from mapping import codebook, ingest
from mapping.concepts.indicator import Indicator
from mapping.concepts.responses import CaseCounts
from mapping.concepts.wave import Wave
from mapping.estimate.cases import count_cases

__all__ = ["read_cases"]


def read_cases(
    path: Path | None,
    wave: Wave | Path,
    *,
    key: bytes = ingest.NO_KEY,
    districts: Collection[str] | None = None,
    indicators: Mapping[str, Indicator] | None = None,
) -> CaseCounts:
    """How many cases, persons and children of each kind services learned of in the period, by district and sex.

    Parameters
    ----------
    path : Path or None
        The extract; None takes the one that wave.toml names under [cases].
    wave : Wave or Path
        The wave, or the path of its wave.toml.
    key : bytes
        The workspace's key for pseudonyms.
    districts : collection of str, optional
        The codes of the geography.
    indicators : mapping, optional
        The codebook; default: the package's own.

    Returns
    -------
    CaseCounts
        Each indicator in the unit its codebook entry names. Several rows of one case count once; a case with both
        reasons stands in K01, in K02 and in K01+K02. `totals` holds the municipal counts, `refused` why an indicator
        cannot be counted.

    Raises
    ------
    InputError, PrivacyError, SettingsError
        As `read_survey`.
    """
    indicators = codebook.load() if indicators is None else indicators
    records = ingest.read_case_records(
        path, wave, key=key, districts=districts, fields=codebook.case_fields()
    )
    return count_cases(
        records,
        indicators,
        lambda frame: codebook.evaluate(indicators, frame),
        lambda frame: codebook.not_asked_columns(indicators, frame),
    )
