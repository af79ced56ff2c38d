"""What intake hands on: the answers of one wave, and the counts of its case extract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from mapping.concepts.wave import Wave

__all__ = [
    "ANSWERS",
    "DECLINED",
    "ELSEWHERE",
    "NOT_ASKED",
    "SKIPPED",
    "UNKNOWN",
    "UNSURE",
    "CaseCounts",
    "CaseRecords",
    "Responses",
]

ELSEWHERE = "elsewhere"  # area of a respondent with no, an unknown or another municipality's district
UNKNOWN = "unknown"  # level of a group (sex, grade) that the respondent did not give
UNSURE, DECLINED, SKIPPED, NOT_ASKED = "unsure", "declined", "skipped", "not_asked"
# what an indicator can be for a respondent; "" = the question does not apply to her (routing, sex)
ANSWERS = ("yes", "no", UNSURE, DECLINED, SKIPPED)


@dataclass(frozen=True, slots=True, repr=False)
class Responses:
    """One row per respondent of a wave, only named variables, keys replaced by keyed pseudonyms, rows shuffled.

    `frame` columns:

    - ``respondent``, ``psu``: pseudonyms; ``class`` where there is one; ``stratum`` (text) where the design has strata;
    - ``weight``: the given one, or calibrated to the frame (then ``weight_start`` is the one before calibration);
      ``n_schools``, ``n_registered`` (pupils of the school) where there is a frame;
    - ``area``: the district's code, or ``ELSEWHERE``;
    - one column per group (``sex``, ``grade``): its level, or ``UNKNOWN``;
    - one column per item (``n_partner``, and ``n_leisure_sports`` for a box): an answer code of the codebook, or
      ``unsure``, ``declined``, ``skipped``. An item that the wave did not ask has no column.

    `response` is a table of registered, present and answered pupils by school pseudonym, grade, sex and, where the
    frame tells, ``area`` (empty without a frame). `notes` are sentences about what intake did; they hold no
    respondent's value. `file` says what was read: ``type``, and how many ``rows`` and ``columns`` it holds.
    """

    wave: Wave
    frame: pd.DataFrame
    response: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[str, ...] = ()
    file: Mapping[str, str | int] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Responses(wave={self.wave.id!r})"


@dataclass(frozen=True, slots=True, repr=False)
class CaseRecords:
    """The rows of a wave's case extracts, coded: for counting in memory, never written and never printed.

    `frame` has one row per event of an extract. Its columns, of which those an extract does not hold are missing:

    - ``origin``: the source ("services" for [cases], or the id of one of [[cases.sources]]);
    - ``case``, ``person``: keyed pseudonyms, "" where there is none. Two sources share persons where wave.toml says
      that they share keys; otherwise the pseudonyms of each are its own;
    - ``linked``: the case of a parent that the row's child is linked to, "" otherwise. Such a row is about the child;
    - ``opened`` and the other days (`mapping.concepts.case_file.DATES`) as datetimes, missing where empty;
    - ``within``: whether the row was opened in the period that is counted; rows beyond it serve follow-up only;
    - ``area`` (district or ``ELSEWHERE``), ``sex`` ("girl" and "boy" at every age, or ``UNKNOWN``), ``birth_year``
      (missing where unknown), ``register`` ("registered", "asylum", "undocumented" or ``UNKNOWN``);
    - the columns of the codebook's case fields: ``reason_hrv`` … "yes" or "no", ``removal_state`` … a code, or
      ``SKIPPED`` where the cell is empty.

    `lacking` says, by role, why a field of the main extract could not be used. `population` as in `CaseCounts`.
    """

    wave: Wave
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    lacking: Mapping[str, str] = field(default_factory=dict)
    population: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self) -> str:
        return f"CaseRecords(wave={self.wave.id!r})"


@dataclass(frozen=True, slots=True, repr=False)
class CaseCounts:
    """A case extract, counted.

    `frame` columns: ``indicator`` ("K01", "K02", "K01+K02" for the overlap, "K08.abroad" for a state), ``area``
    (district or ``ELSEWHERE``), ``sex``, ``n``. Each indicator counts what its codebook entry names as its unit: cases,
    persons or children. `totals` are the municipal counts. `refused` says of each indicator that the extract cannot
    give, why and what would help. `records` are the rows the counts stand on: in memory only. `population` holds
    inhabitants by ``area``, ``age_from``, ``age_to``, ``n``, empty where wave.toml names no table. `overlap` has a row
    for each indicator and source: ``indicator``, ``source``, ``n``, whether it is ``linked`` by shared keys, how many
    those know ``together``, and the municipality's ``low`` and ``high``. `series` holds earlier years as they were
    published: ``measure`` (an indicator), ``label`` (the year), ``value``.
    """

    wave: Wave
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    records: CaseRecords | None = None
    population: pd.DataFrame = field(default_factory=pd.DataFrame)
    overlap: pd.DataFrame = field(default_factory=pd.DataFrame)
    series: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self) -> str:
        return f"CaseCounts(wave={self.wave.id!r})"
