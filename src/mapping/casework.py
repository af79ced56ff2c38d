"""Case extracts from file to counts, and published series: read, judged by rules, counted, protected in time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from mapping import codebook, disclosure, ingest
from mapping.concepts.case_facts import CaseFacts
from mapping.concepts.indicator import Indicator
from mapping.concepts.responses import CaseCounts
from mapping.concepts.wave import Wave
from mapping.errors import InputError
from mapping.estimate.cases import CaseSeries, Published, case_series, count_cases, published
from mapping.estimate.cases.facts import case_facts

__all__ = ["printed_facts", "protect_series", "read_cases", "read_published"]


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
    counts = count_cases(
        records,
        indicators,
        lambda frame: codebook.evaluate(indicators, frame),
        lambda frame: codebook.not_asked_columns(indicators, frame),
    )
    cases = counts.wave.cases
    if cases is None or not cases.series:
        return counts
    earlier = case_series(ingest.read_sums(counts.wave.folder / cases.series), breaks=cases.breaks)
    notes = tuple(f"{cases.series}: {note}" for note in (*earlier.notes, *earlier.asks))
    return replace(counts, series=earlier.points, notes=(*counts.notes, *notes))


def read_published(path: Path) -> CaseSeries | Published:
    """A published table of case counts from a file: a series, a breakdown, or a survey of who knows of how many.

    See `mapping.cases.published` for how the three are told apart.

    Raises
    ------
    InputError, PrivacyError
        If the file cannot be read, or holds what could identify a person.
    EstimationError
        If its columns fit none of the three.
    """
    return published(ingest.read_sums(Path(path)))


def protect_series(series: CaseSeries, *, threshold: int = 5, zeros: bool = True) -> pd.DataFrame:
    """A monthly series protected in time: months, quarters and the whole, so that no small month can be worked out.

    Parameters
    ----------
    series : CaseSeries
        One measure by month.
    threshold : int
        Counts from 1 to below this are withheld, and whatever would give them back.
    zeros : bool
        Whether months without any are printed as 0; then every blank is known to be at least 1.

    Returns
    -------
    DataFrame
        ``period``, ``level`` ("month", "quarter", "all"), ``value`` (missing where withheld), ``withheld``.

    Raises
    ------
    InputError
        If there are several measures, a period is no month, or a month has no count.
    """
    points = series.points
    if len(set(points["measure"])) != 1 or not points["label"].str.fullmatch(r"\d{4}-\d\d").all():
        raise InputError("protecting in time takes one measure by month. Choose the rows of one measure.")
    if points["value"].isna().any():
        raise InputError(
            "a month has no count: what a gap hides cannot be protected. Leave the series at the months before."
        )
    months = {label: int(value) for label, value in zip(points["label"], points["value"], strict=True)}
    sums = dict(_sums(list(months)))
    values = months | {name: sum(months[m] for m in parts) for name, parts in sums.items()}
    cells = pd.DataFrame(
        [(name, n, int(0 < n < threshold or (n == 0 and not zeros))) for name, n in values.items()],
        columns=["cell", "value", "primary"],
    )
    relations = [{"terms": [[name, -1], *([m, 1] for m in parts)]} for name, parts in sums.items()]
    policy = {
        "requirement": "threshold",
        "threshold": threshold,
        "known_min": int(zeros),
        "blank_zeros": not zeros,
    }
    withheld = set(disclosure.suppress(cells, {"relations": relations}, policy).withheld)
    level = ["month"] * len(months) + ["quarter"] * (len(sums) - 1) + ["all"]
    shown = [float("nan") if name in withheld else float(n) for name, n in values.items()]
    return pd.DataFrame(
        {
            "period": list(values),
            "level": level,
            "value": shown,
            "withheld": [name in withheld for name in values],
        }
    )


def _sums(months: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The whole quarters among the months, and all of them together."""
    quarters: dict[str, list[str]] = {}
    for month in months:
        quarters.setdefault(f"{month[:4]} Q{(int(month[5:]) + 2) // 3}", []).append(month)
    yield from ((name, parts) for name, parts in quarters.items() if len(parts) == 3)
    yield "all", months


def printed_facts(figures: Iterable[Any], waves: Sequence[Wave], counts: CaseCounts | None) -> CaseFacts:
    """Rates and years from printed case counts and public populations, and from nothing else.

    Parameters
    ----------
    figures : iterable
        The printed figures of a release and of earlier ones.
    waves : sequence of Wave
        In order; the last one is the release's.
    counts : CaseCounts or None
        Whose table of inhabitants rates are of; None where there is no extract.
    """
    if counts is None:
        return CaseFacts()
    rows = [
        (f.wave, f.indicator, f.group, f.count)
        for f in figures
        if f.target == "cases" and f.level == "municipality"
    ]
    printed = pd.DataFrame(rows, columns=["wave", "indicator", "group", "count"])
    return case_facts(printed.drop_duplicates(["wave", "indicator", "group"]), waves, counts.population)
