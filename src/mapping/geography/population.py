"""Register pupils by district, sex and grade: public counts that decide areas and weights."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection

import pandas as pd

from mapping.errors import InputError
from mapping.geography.layers import listed, nearest_names
from mapping.geography.settings import GeographySettings, PopulationFile

__all__ = ["ALL", "read_population"]

ALL = "all"  # level of a column that the table does not split by
_SPACES = re.compile(r"[\s\u00a0\u202f]")


def _table(source: PopulationFile) -> pd.DataFrame:
    """The table as text, whatever its separator and encoding."""
    file = source.path
    try:
        raw = file.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            f"{file.name}: there is no such file in {file.parent}. Correct [population] in geography.toml."
        ) from error
    if b"\0" in raw:
        raise InputError(f"{file.name}: the file holds NUL bytes and is damaged. Export it again as CSV.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="strict")
    header = text.split("\n", 1)[0]
    separator = max(";\t,", key=header.count)
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    names = [name.strip() for name in rows[0]] if rows else []
    for key, column in source.columns.items():
        if column and column not in names:
            raise InputError(
                f"{file.name}: '{key}' in geography.toml [population.columns] is the column '{column}', "
                f"which the file does not have. {nearest_names(column, names)}"
            )
    body = [(number, row) for number, row in enumerate(rows[1:], 1) if any(cell.strip() for cell in row)]
    if short := [number for number, row in body if len(row) < len(names)]:
        raise InputError(
            f"{file.name}, row {short[0]}: fewer cells than the header has columns. Correct the row."
        )
    picked = {
        key: [row[names.index(column)].strip() if column else ALL for _, row in body]
        for key, column in source.columns.items()
    }
    return pd.DataFrame({**picked, "row": [number for number, _ in body]}, dtype="object").astype(
        {"row": int}
    )


def _count(text: str, file: str, row: int, column: str) -> int:
    bare = _SPACES.sub("", text)
    if not re.fullmatch(r"\d+([.,]0+)?", bare):
        raise InputError(
            f"{file}, row {row}, column '{column}': not a whole number of pupils. Write 0 where there are "
            "none; a hidden count has to be asked for."
        )
    return int(re.split("[.,]", bare)[0])


def read_population(
    settings: GeographySettings, codes: Collection[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Register pupils of `codes` (``code``, ``sex``, ``grade``, ``n``), and notes on what did not fit."""
    columns = ["code", "sex", "grade", "n"]
    source = settings.population
    if source is None:
        return pd.DataFrame(columns=columns), ()
    file, table = source.path.name, _table(source)
    table["code"] = table["code"].map(settings.tidy)
    for key in ("sex", "grade"):
        table[key] = table[key].map(lambda label, key=key: source.levels[key].get(label.lower(), label))
    table["n"] = [
        _count(text, file, row, source.columns["n"])
        for text, row in zip(table["n"], table["row"], strict=True)
    ]
    if (twice := table.duplicated(columns[:3], keep=False)).any():
        rows = table.loc[twice, ["code", "row"]]
        same = rows.loc[rows["code"] == rows["code"].iloc[0], "row"].tolist()
        raise InputError(
            f"{file}, rows {same[0]} and {same[1]}: the same district, sex and grade twice "
            f"(code {rows['code'].iloc[0]}). Keep one date only, or add the column that tells them apart."
        )
    known = table["code"].isin(list(codes))
    if not known.any():
        raise InputError(
            f"{file}, column '{source.columns['code']}': no code is a district of {settings.file.name}. "
            "Compare the two."
        )
    notes = []
    if strange := sorted(table.loc[~known, "code"].unique()):
        notes.append(
            f"{file}: {sum(~known)} rows with codes that are no district left out ({listed(strange)})."
        )
    if without := sorted(set(codes) - set(table["code"])):
        notes.append(f"{file}: no register pupils for {len(without)} districts ({listed(without)}).")
    kept = table.loc[known, columns].sort_values(columns[:3], ignore_index=True)
    return kept.astype({"code": "string", "sex": "string", "grade": "string", "n": int}), tuple(notes)
