"""District codes: spelled as the geography spells them, unknown ones refused, empty ones put elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from mapping.concepts.responses import ELSEWHERE
from mapping.concepts.wave import Wave
from mapping.errors import InputError
from mapping.ingest.answers import Labels, Value, declared_missing, distinct, non_answers
from mapping.ingest.raw import RawTable, normal, plain, visible

__all__ = ["areas_of"]

SHOWN_FROM = 5  # a code is named in a message only if at least so many rows hold it


def _spellings(districts: Collection[str]) -> dict[str, str]:
    """From a code as it is compared to the code as it is written; also without leading zeros, where unmistakable."""
    exact = {normal(code): code for code in districts}
    short: dict[str, list[str]] = {}
    for code in districts:
        short.setdefault(normal(code).lstrip("0"), []).append(code)
    return {form: codes[0] for form, codes in short.items() if len(codes) == 1} | exact


def _code(value: Value, known: dict[str, str] | None) -> str:
    """The district of a value: by its code, or else by its label; "" where it is none."""
    own = visible(value.raw) if isinstance(value.raw, str) else plain(value.number)
    if known is None:
        return own
    forms = [normal(own), *sorted(value.texts)] if value.labelled else [normal(own)]
    return next((known[form] for form in forms if form in known), "")


def areas_of(
    table: RawTable, wave: Wave, column: str, districts: Collection[str] | None, settings: str
) -> tuple[pd.Series, list[str]]:
    """The district of each row, or "elsewhere", and notes on what was put there.

    Parameters
    ----------
    column : str
        Name of the column that holds the codes.
    districts : collection of str, optional
        The codes of the geography; without them codes are taken as they stand. A mapping leads from the codes of
        another edition, or of parts of districts, to the districts; "" where a code was divided among several.

    Raises
    ------
    InputError
        If codes are unknown: with the column, the number of rows, and the codes that five rows or more hold.
    """
    raw = table.column(column, settings=settings, purpose="the district")
    places, values = distinct(table, column, raw)
    known = None if districts is None else _spellings(districts)
    outside = [Labels.of(wave.area.elsewhere), *non_answers(wave.file).values()]
    district_of = districts if isinstance(districts, Mapping) else {}
    codes, unknown, respelled, divided = [], [], 0, 0
    for value in values:
        away = any(labels.match(value) for labels in outside) or declared_missing(table, column, value)
        code = (
            "" if away and known is None else _code(value, known)
        )  # a district's own code counts before all else
        code = code or (ELSEWHERE if away else "")
        if not code:
            unknown.append(value)
        respelled += value.rows * (isinstance(value.raw, str) and code not in {value.raw, ELSEWHERE, ""})
        if (district := district_of.get(code, code)) == "" != code:
            divided += value.rows
        codes.append(district or ELSEWHERE)
    if unknown:
        raise _unknown(table.name, column, unknown, settings)
    found = pd.Series(np.array([*codes, ELSEWHERE], dtype=object)[places], index=raw.index, dtype="str")
    notes = []
    if respelled >= SHOWN_FROM:
        notes.append(
            f"Column '{column}' spells districts in other ways (case, spaces, zeros); they were matched."
        )
    if divided >= SHOWN_FROM:
        notes.append(
            f"Column '{column}' holds codes that were divided among several districts; their rows count for the "
            "municipality only."
        )
    if (found == ELSEWHERE).sum() - divided >= SHOWN_FROM:
        notes.append(
            f"Rows whose column '{column}' holds no district of this municipality count as 'elsewhere'."
        )
    return found, notes


def _unknown(name: str, column: str, unknown: list[Value], settings: str) -> InputError:
    rows = sum(value.rows for value in unknown)
    frequent = sorted((v for v in unknown if v.rows >= SHOWN_FROM), key=lambda v: -v.rows)[:5]
    shown = f", among them {', '.join(repr(visible(value.shown)) for value in frequent)}" if frequent else ""
    return InputError(
        f"{name}: column '{column}' holds district codes that the geography does not have, in {rows} "
        f"{'row' if rows == 1 else 'rows'}{shown}. Correct the codes, choose the geography's right edition, or list "
        f'places outside the municipality under [area] elsewhere = ["…"] in {settings}.'
    )
