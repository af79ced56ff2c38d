"""Estimates with everything disclosure control needs: exact counts, relations, dominance. Unprotected by nature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import pandas as pd

__all__ = ["COLUMNS", "EstimateTable", "Relation", "row_key"]

# one row of `EstimateTable.frame`: what it is, its counts, its estimate
COLUMNS: dict[str, Any] = {
    "key": "",  # row_key(wave, indicator, level, area, group); shared by the targets of one cell
    "wave": "",  # "2026", or "2024+2026" for waves pooled
    "indicator": "",
    "level": "",  # "district" | "area" | "municipality"
    "area": "",  # code of the district or publication area; the municipality's code; or "elsewhere"
    "group": "all",  # "all" or a level such as "girl" (crossed groups are joined by "*")
    "target": "pupils",  # "pupils" | "risk"; "cases" for case extracts
    "publish": True,  # False: latent, never shown, needed to state a relation
    "sensitivity": 2,  # class 1 to 4
    "n": 0,  # respondents with a yes or a no; for case extracts the count itself
    "events": 0,  # respondents with a yes; for case extracts the count itself
    "n_unsure": 0,
    "n_declined": 0,
    "n_skipped": 0,
    "register": float("nan"),  # register pupils of the cell (a public total), missing where unknown
    "n_schools": 0,  # schools with an answer in the cell
    "largest_school": 0.0,  # share of the cell's respondents in the school with most of them
    "n_psu": 0,
    "df": 0.0,
    "n_eff": float("nan"),
    "deff": float("nan"),
    "estimate": float("nan"),  # share 0 to 1; for case extracts the rate per 10,000
    "se": float("nan"),
    "ci_low": float("nan"),
    "ci_high": float("nan"),
    "interval": "",
    "reliability": "",  # "reliable" | "uncertain" | "unreliable"
    "reason": "",
}


def row_key(wave: str, indicator: str, level: str, area: str, group: str = "all") -> str:
    """The name of a cell, the same for both targets and in every release."""
    return "|".join((wave, indicator, level, area, group))


@dataclass(frozen=True, slots=True)
class Relation:
    """A linear relation that is known to hold among the counts of rows: sum of coef · count(row) `sense` 0.

    `counts` says for which counts it holds: ("events", "complement") for hierarchies, margins and pools;
    ("events",) where one indicator is "yes" whenever another is. The complement of a row is n − events.
    `told` is the sense that holds whatever the answers are, where they happen to make the parts fill the whole: all
    that may be said of it outside.
    """

    terms: tuple[tuple[str, float], ...]
    sense: str = "="
    counts: tuple[str, ...] = ("events", "complement")
    told: str = ""

    @classmethod
    def sum_of(cls, total: str, parts: Iterable[str]) -> Relation:
        """`total` is the sum of `parts`."""
        return cls(((total, -1.0), *((part, 1.0) for part in parts)))

    @classmethod
    def within(cls, part: str, whole: str) -> Relation:
        """Whoever is a yes in `part` is a yes in `whole`."""
        return cls(((part, 1.0), (whole, -1.0)), sense="<=", counts=("events",))


@dataclass(frozen=True, slots=True, repr=False)
class EstimateTable:
    """Estimates by area, group, indicator, wave and target, not protected: for the analyst's eyes only.

    `changes` has one row per indicator, level, area and group between two waves: ``key_earlier``, ``key_later``,
    ``wave_earlier``, ``wave_later``, ``indicator``, ``level``, ``area``, ``group``, ``difference``, ``ci_low``,
    ``ci_high`` (shares), ``smallest_detectable`` (share), ``q`` (Benjamini–Hochberg), ``comparable`` (bool).
    `response` holds municipal counts: ``registered``, ``answered``, ``schools``, ``schools_answered`` by wave.
    `not_asked` lists (wave, indicator) pairs that a wave did not ask.
    """

    frame: pd.DataFrame
    relations: tuple[Relation, ...] = ()
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    response: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    not_asked: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        relations: Sequence[Relation] = (),
        *,
        changes: pd.DataFrame | None = None,
        response: Mapping[str, Mapping[str, int]] | None = None,
        not_asked: Sequence[tuple[str, str]] = (),
    ) -> EstimateTable:
        """An estimate table from a frame; missing columns take their defaults, `key` is made where it is missing.

        Raises
        ------
        ValueError
            If a column is unknown, a row stands twice, or a relation names a row that is not there.
        """
        if unknown := sorted(set(frame.columns) - set(COLUMNS)):
            raise ValueError(f"unknown columns {unknown}; known: {sorted(COLUMNS)}")
        frame = frame.reset_index(drop=True).copy()
        for column, default in COLUMNS.items():
            if column not in frame and column != "key":
                frame[column] = default
        if "key" not in frame:
            frame["key"] = [
                row_key(*map(str, row))
                for row in frame[["wave", "indicator", "level", "area", "group"]].itertuples(index=False)
            ]
        frame = frame[list(COLUMNS)]
        if (twice := frame.duplicated(["key", "target"])).any():
            raise ValueError(f"row {frame.loc[twice, 'key'].iloc[0]!r} stands twice for the same target")
        known = set(frame["key"])
        for relation in relations:
            for key, _ in relation.terms:
                if key not in known:
                    raise ValueError(f"a relation names the row {key!r}, which the table does not hold")
        return cls(
            frame,
            tuple(relations),
            pd.DataFrame() if changes is None else changes.copy(),
            dict(response or {}),
            tuple(not_asked),
        )

    def latent(self) -> EstimateTable:
        """The same table with no row to be shown: what an earlier wave lends to the relations of a later one."""
        return replace(self, frame=self.frame.assign(publish=False))

    def __repr__(self) -> str:
        return f"EstimateTable({len(self.frame)} rows, unprotected)"

    def _repr_html_(self) -> str:
        """A reminder instead of figures: a notebook is easily passed on."""
        shown = self.frame[self.frame["publish"]]
        waves, indicators = (", ".join(dict.fromkeys(shown[name])) for name in ("wave", "indicator"))
        return (
            '<div role="note" style="border-left:6px solid #a8481f;padding:.6em 1em;background:#fbf3ee;color:#222">'
            f"<strong>Unprotected estimates</strong>: {len(shown)} rows, with exact counts behind them. "
            f"Wave {escape(waves)}; indicators {escape(indicators)}.<br>"
            "For your eyes only. Nothing here may be shown to others before <code>m.protect([table], policy)</code>; "
            "the rows are in <code>.frame</code>.</div>"
        )
