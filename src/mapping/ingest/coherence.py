"""Values held against labels: what a damaged file or a slip in wave.toml looks like when nothing else gives it away."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from mapping.errors import InputError
from mapping.ingest.answers import SHOWN_FROM, Labels, Value, declared_missing, shown_values
from mapping.ingest.raw import RawTable, factorized, normal

__all__ = ["doubts_about", "refuse_constant_key", "refuse_incoherent"]

MANY = 30  # so many answers, and it is no chance that all are the same or that one is never given
LIKE = 85.0  # from this likeness on (of 100) a label is another one misspelt, if their digits agree
FEWEST_KEYS = 3


def refuse_incoherent(
    table: RawTable,
    name: str,
    values: Iterable[Value],
    meanings: Mapping[str, Labels],
    silent: Mapping[str, Labels],
    place: str,
) -> None:
    """Refuse values that wave.toml does not explain and that look like damage or a slip; parameters as of `explain`.

    Raises
    ------
    InputError
        If a label is misspelt in wave.toml, if whole codes have become numbers with decimals, or if texts stand where
        codes are expected, or codes where labels are.
    """
    known = [*meanings.values(), *silent.values()]
    open_ = [
        value
        for value in values
        if not any(labels.match(value) for labels in known) and not declared_missing(table, name, value)
    ]
    if open_:
        _refuse_misspelt(table, name, open_, known, place)
        _refuse_decimals(table, name, open_)
        _refuse_other_kind(table, name, open_, list(meanings.values()), place)


def _told(labels: Collection[Value]) -> str:
    rows = sum(value.rows for value in labels)
    return f"{rows} {'row' if rows == 1 else 'rows'}"


def _refuse_misspelt(
    table: RawTable, name: str, open_: Sequence[Value], known: Sequence[Labels], place: str
) -> None:
    """A label of wave.toml that the file lacks, and one of the file that is almost the same."""
    here = {normal(label) for label in table.labels.get(name, {}).values()}
    here |= {text for value in open_ for text in value.texts}
    absent = sorted({text for labels in known for text in labels.texts} - here)
    for value in open_:
        if value.labelled or value.rows >= SHOWN_FROM:
            text = normal(value.shown)
            likeness = {other: fuzz.ratio(text, other) for other in absent if _digits(text) == _digits(other)}
            if likeness and likeness[best := max(likeness, key=likeness.__getitem__)] >= LIKE:
                raise InputError(
                    f"{table.name}: column '{name}' holds '{value.shown}', which wave.toml does not explain; it has "
                    f"'{best}' instead, which is not in the file. Correct the spelling under {place} or [file]."
                )


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _refuse_decimals(table: RawTable, name: str, open_: Sequence[Value]) -> None:
    codes = table.labels.get(name, {})
    broken = [value for value in open_ if math.isfinite(value.number) and value.number % 1]
    if broken and codes and all(isinstance(code, int | float) and code % 1 == 0 for code in codes):
        raise InputError(
            f"{table.name}: column '{name}' has labels for whole codes, but holds numbers with decimals in "
            f"{_told(broken)}. The file may be damaged, or missing answers were filled in: ask for it as it was "
            "collected."
        )


def _refuse_other_kind(
    table: RawTable, name: str, open_: Sequence[Value], meanings: Sequence[Labels], place: str
) -> None:
    texts = [value for value in open_ if math.isnan(value.number) and not value.labelled]
    if texts and not any(labels.texts for labels in meanings):
        raise InputError(
            f"{table.name}: column '{name}' holds texts in {_told(texts)}, but wave.toml expects codes only. "
            f"If they are answers, write them under {place}; if not, the file may be damaged: ask for it again."
        )
    codes = [value for value in open_ if not math.isnan(value.number) and not value.labelled]
    if len(codes) == len(open_) and not any(labels.numbers for labels in meanings):
        besides = "besides those it has labels for" if name in table.labels else "and no label for any"
        raise InputError(
            f"{table.name}: column '{name}' holds codes that wave.toml does not explain, {besides}: "
            f"{shown_values(codes)}. Ask the data owner what they mean and write them under {place}, or list "
            "them as missing under [file]."
        )


def doubts_about(
    table: RawTable,
    item: str,
    name: str,
    values: Sequence[Value],
    words: Sequence[str],
    meanings: Mapping[str, Labels],
) -> list[str]:
    """Notes on a question whose values do not fit its labels as well as they should.

    Parameters
    ----------
    item, name : str
        The question, and its column.
    words : sequence of str
        What each of `values` means.
    """
    labels = {normal(label) for label in table.labels.get(name, {}).values()}
    rows = dict.fromkeys(meanings, 0)
    for value, word in zip(values, words, strict=True):
        if word in rows:
            rows[word] += value.rows
    notes = []
    if bare := [v for v, w in zip(values, words, strict=True) if labels and w in rows and not v.labelled]:
        notes.append(
            f"Column '{name}' has value labels, but none for the codes in {_some(sum(v.rows for v in bare))}; only "
            "wave.toml says what they mean. Check it with the data owner."
        )
    if sum(rows.values()) < MANY:
        return notes
    if len(rows) > 1 and max(rows.values()) == sum(rows.values()):
        return [
            *notes,
            f"Item '{item}': everybody gave the same answer. Check that column '{name}' is whole.",
        ]
    held = [answer for answer, meant in meanings.items() if not rows[answer] and labels & meant.texts]
    notes += [
        f"Item '{item}': nobody gave the answer '{answer}', which the file has a label for."
        for answer in held
    ]
    absent = [answer for answer, meant in meanings.items() if labels and meant.texts and not meant.numbers]
    notes += [
        f"Item '{item}': no label of column '{name}' means '{answer}', as wave.toml says. Check its spelling there."
        for answer in absent
        if not labels & meanings[answer].texts and not rows[answer]
    ]
    return notes


def _some(rows: int) -> str:
    return f"{rows} rows" if rows >= SHOWN_FROM else f"fewer than {SHOWN_FROM} rows"


def refuse_constant_key(table: RawTable, name: str, column: pd.Series) -> None:
    """Refuse a running number that is the same in every row.

    Raises
    ------
    InputError
        Naming the column.
    """
    places, found = factorized(column)
    if len(found) == 1 and len(places) >= FEWEST_KEYS and not np.any(places < 0):
        raise InputError(
            f"{table.name}: column '{name}' holds the same running number in all {len(places)} rows. It tells nobody "
            "apart: name another column as [file] respondent, or ask for the file again."
        )
