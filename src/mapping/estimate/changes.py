"""Changes between two waves for the cells that a report declares: the municipality, and its groups."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
from scipy.stats import false_discovery_control

from mapping.concepts.estimate_table import row_key
from mapping.concepts.indicator import Indicator
from mapping.estimate.design_based import change
from mapping.estimate.tables import MUNICIPALITY, REST, Sample, numeric_answers, with_rest

__all__ = ["changes_between"]

TARGET = "risk"  # schools that answered in both waves carry their covariance


def changes_between(
    earlier: Sample,
    later: Sample,
    indicators: Sequence[Indicator],
    groups: Sequence[str],
    municipality: str,
    *,
    broken: Collection[str] = (),
    independent: bool | None = None,
) -> pd.DataFrame:
    """The changes from one wave to the next, as `EstimateTable.changes` holds them.

    Indicators asked in both waves are compared, for everyone and for each group; those in `broken` are listed as not
    comparable, without numbers. `independent` says that PSU codes of the two waves mean different schools even where
    they are equal. The false discovery rate is controlled over all of them together.

    References
    ----------
    Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57, 289–300.
    """
    ids = [i.id for i in indicators if i.id in earlier.answers and i.id in later.answers]
    compared = [id_ for id_ in ids if id_ not in broken]
    pieces = [_change(earlier, later, compared, group, independent) for group in (None, *groups)]
    rows = pd.concat([piece for piece in pieces if len(piece)] or [pd.DataFrame()], ignore_index=True)
    if len(rows):
        rows = rows[rows["group"].ne(REST)].assign(comparable=True, q=_false_discovery(rows["p"]))
    breaks = pd.DataFrame(
        {"indicator": [id_ for id_ in ids if id_ in broken], "group": "all", "comparable": False}
    )
    rows = pd.concat([part for part in (rows, breaks) if len(part)] or [rows], ignore_index=True)
    if rows.empty:
        return rows
    rows = rows.assign(
        level=MUNICIPALITY, area=municipality, target=TARGET, wave_earlier=earlier.wave, wave_later=later.wave
    )
    for when, wave in (("earlier", earlier.wave), ("later", later.wave)):
        rows[f"key_{when}"] = [
            row_key(wave, i, MUNICIPALITY, municipality, g)
            for i, g in zip(rows["indicator"], rows["group"], strict=True)
        ]
    return rows


def _change(
    earlier: Sample, later: Sample, ids: list[str], group: str | None, independent: bool | None
) -> pd.DataFrame:
    before, after = (pd.concat([s.frame, numeric_answers(s.answers[ids])], axis=1) for s in (earlier, later))
    if not ids or (group is not None and not (group in before and group in after)):
        return pd.DataFrame()
    if group is not None:
        before, after = with_rest(before, group), with_rest(after, group)
    rows = change(
        before, after, later.designs[TARGET], ids, by=[group] if group else (), independent=independent
    )
    return rows.assign(group=rows[group].astype(str) if group else "all")


def _false_discovery(p_values: pd.Series) -> pd.Series:
    """Adjusted p-values; a missing one stays missing."""
    known = p_values.dropna()
    return pd.Series(false_discovery_control(known), index=known.index).reindex(p_values.index)
