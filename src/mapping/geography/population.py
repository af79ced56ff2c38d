"""Register pupils by district, sex and grade: public counts that decide areas and weights."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from mapping.errors import InputError
from mapping.geography.layers import listed
from mapping.geography.settings import GeographySettings
from mapping.geography.side_tables import ROW, SHORT, read_side_table

__all__ = ["ALL", "read_population"]

ALL = "all"  # level of a column that the table does not split by
_TOTALS = {ALL, "total", "totalt", "summa", "samtliga", "båda könen", "båda", "alla", "both"}
_SPACES = re.compile(r"[\s\u00a0\u202f]")


def _count(text: str, file: str, row: int, column: str) -> int:
    bare = _SPACES.sub("", text)
    if not re.fullmatch(r"\d+([.,]0+)?", bare):
        raise InputError(
            f"{file}, row {row}, column '{column}': not a whole number of pupils. Write 0 where there are "
            "none; a hidden count has to be asked for."
        )
    return int(re.split("[.,]", bare)[0])


def read_population(
    settings: GeographySettings, district_of: Mapping[str, str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Register pupils by district (``code``, ``sex``, ``grade``, ``n``), and notes on what did not fit.

    Parameters
    ----------
    district_of : mapping
        From a code that the table may hold (a district's, or that of a part of it) to the district's code.

    Notes
    -----
    Several columns of counts (age bands) are added up. Rows whose code is no district, such as the footnotes below a
    table of SCB, are left out and told; whether SCB's counts add up exactly, given its noise, is not asked.
    """
    columns = ["code", "sex", "grade", "n"]
    source = settings.population
    if source is None:
        return pd.DataFrame(columns=columns), ()
    file, where = source.path.name, "geography.toml [population.columns]"
    named = {key: column for key, column in source.columns.items() if column}
    bands = {f"n{i}" if i else "n": column for i, column in enumerate(source.counts)}
    table = read_side_table(source.path, named | bands, where)
    table["code"] = table["code"].map(settings.tidy)
    known = table["code"].isin(list(district_of))
    if not known.any():
        raise InputError(
            f"{file}, column '{source.columns['code']}': no code is a district of {settings.file.name}. "
            "Compare the two."
        )
    notes = []
    if strange := sorted({code for code in table.loc[~known, "code"] if code}):
        notes.append(
            f"{file}: {sum(~known)} rows with codes that are no district left out ({listed(strange)})."
        )
    table = table[known].reset_index(drop=True)
    if table[SHORT].any():
        row = table.loc[table[SHORT], ROW].iloc[0]
        raise InputError(f"{file}, row {row}: fewer cells than the header has columns. Correct the row.")
    for key in ("sex", "grade"):
        labels = table[key] if key in named else pd.Series(ALL, index=table.index, dtype="str")
        table[key] = labels.map(lambda label, key=key: source.levels[key].get(label.lower(), label))
    _refuse_totals(table, file)
    known_levels = {*source.levels["sex"].values(), *_TOTALS}
    if odd := sorted({label for label in table["sex"] if label.lower() not in known_levels}):
        notes.append(
            f"{file}, column '{named['sex']}': {listed(odd)} is no sex of the survey, so those pupils weigh for "
            "nobody. Name it under geography.toml [population.labels.sex]."
        )
    _refuse_twice(table, file)
    for band, column in bands.items():
        pairs = zip(table[band], table[ROW], strict=True)
        table[band] = [_count(text, file, row, column) for text, row in pairs]
    table["n"] = table[list(bands)].sum(axis=1)
    table["code"] = table["code"].map(district_of)
    if without := sorted(set(district_of.values()) - set(table["code"])):
        notes.append(f"{file}: no register pupils for {len(without)} districts ({listed(without)}).")
    kept = table.groupby(columns[:3], sort=True)["n"].sum().reset_index()
    return kept.astype({"code": "string", "sex": "string", "grade": "string", "n": int}), tuple(notes)


def _refuse_totals(table: pd.DataFrame, file: str) -> None:
    """Pupils are added up here: rows that have done so already would count them twice."""
    for key in ("sex", "grade"):
        totals = table[key].str.lower().isin(_TOTALS)
        if totals.any() and not totals.all():
            raise InputError(
                f"{file}, row {table.loc[totals, ROW].iloc[0]}: a total over {key} stands among its parts. "
                "Leave such rows out."
            )


def _refuse_twice(table: pd.DataFrame, file: str) -> None:
    keys = ["code", "sex", "grade"]
    if (twice := table.duplicated(keys, keep=False)).any():
        rows = table.loc[twice]
        same = rows.loc[(rows[keys] == rows[keys].iloc[0]).all(axis=1), ROW].tolist()
        raise InputError(
            f"{file}, rows {same[0]} and {same[1]}: the same district, sex and grade twice "
            f"(code {rows['code'].iloc[0]}). Keep one date only, or add the column that tells them apart."
        )
