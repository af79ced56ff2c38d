"""Whom a wave is about: the enrolled or the resident, as wave.toml states, and nobody else."""

from __future__ import annotations

import pandas as pd

from mapping.concepts.responses import ELSEWHERE
from mapping.concepts.wave import Wave
from mapping.errors import InputError
from mapping.ingest.answers import Labels, distinct
from mapping.ingest.raw import RawTable

__all__ = ["refuse_other_population", "residents_only"]

SHOWN_FROM = 5  # a number stands in a note, and a contradiction is believed, from so many respondents


def _away(table: RawTable, wave: Wave, area: pd.Series) -> pd.Series:
    """Who states a home outside the municipality; a district left blank is no such statement."""
    if wave.area.kind != "residence":
        return pd.Series(False, index=area.index)
    column = wave.area.column
    places, values = distinct(
        table, column, table.column(column, settings=f"wave.toml of {wave.id}", purpose="the district")
    )
    outside = Labels.of(wave.area.elsewhere)
    stated = pd.Series([*(outside.match(value) for value in values), False], dtype=bool)
    return (area == ELSEWHERE) & stated.to_numpy()[places]


def residents_only(frame: pd.DataFrame, table: RawTable, wave: Wave) -> tuple[pd.DataFrame, list[str]]:
    """The respondents of the population that wave.toml states, and a note on those who are not of it.

    Pupils who live elsewhere are none of the municipality's residents: they are neither calibrated to the residents'
    register nor counted. Where the enrolled are stated, everybody in the survey stays.
    """
    if wave.counts != "resident":
        return frame, []
    if wave.area.kind != "residence":
        return frame, ["Where respondents live is not known: all of them are taken for residents."]
    away = _away(table, wave, frame["area"])
    if away.all():
        raise InputError(
            f'{table.name}: everybody lives elsewhere, but wave.toml of {wave.id} states counts = "resident". State '
            'counts = "enrolled", or correct [area] elsewhere.'
        )
    if not away.any():
        return frame, []
    count = str(int(away.sum())) if away.sum() >= SHOWN_FROM else f"fewer than {SHOWN_FROM}"
    return frame[~away], [
        f"The survey is about residents: {count} respondents live elsewhere and were left out. State counts = "
        '"enrolled" in wave.toml to count every pupil of the schools.'
    ]


def refuse_other_population(frame: pd.DataFrame, register: pd.DataFrame, table: RawTable, wave: Wave) -> None:
    """Stop where the frame counts residents alone and wave.toml states all enrolled.

    Raises
    ------
    InputError
        With the file and the remedy.
    """
    if wave.counts != "enrolled" or "area" not in register:
        return
    if register.loc[register["area"] == ELSEWHERE, "registered"].sum():
        return
    if _away(table, wave, frame["area"]).sum() >= SHOWN_FROM:
        raise InputError(
            f"{wave.columns.frame}: counts nobody who lives elsewhere, but respondents of {table.name} do, and "
            f'wave.toml of {wave.id} states counts = "enrolled". Take the frame from the registers of the schools, or '
            'state counts = "resident".'
        )
