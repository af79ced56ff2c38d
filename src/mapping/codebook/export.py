"""The codebook for machines: CSV files with W3C metadata (CSV on the Web, 2015) that say what each column means."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from mapping.codebook.entry import Entry
from mapping.concepts.indicator import Indicator
from mapping.concepts.question import Question
from mapping.texts import load

__all__ = ["METADATA", "export"]

METADATA = "codebook-metadata.json"
LANGUAGES = ("sv", "en")
LIST = "|"  # between the entries of a list within a cell

Row = Mapping[str, object]

# table -> its columns: what they mean and how they are written; a list has a separator
COLUMNS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "indicators": {
        "id": ("The indicator", "string"),
        "category_of": ("The indicator it is a category of", "string"),
        "side": ("survey or case", "string"),
        "construct": ("What it is about", "string"),
        "unit": ("What is counted", "string"),
        **{f"name_{lang}": (f"Name ({lang})", "string") for lang in LANGUAGES},
        **{f"definition_{lang}": (f"Definition ({lang})", "string") for lang in LANGUAGES},
        "rule": ("The rule, over items and other indicators", "string"),
        "base": ("The rule of those it is about; empty: everyone", "string"),
        "applies_to": ("The groups it applies to; empty: all", "list"),
        **{f"denominator_{lang}": (f"Denominator ({lang})", "string") for lang in LANGUAGES},
        **{f"period_{lang}": (f"Reference period ({lang})", "string") for lang in LANGUAGES},
        "sensitivity": ("Sensitivity class, 1 to 4", "integer"),
        "finest": ("The finest level it may be shown at", "string"),
        "subset_of": ("Indicators that hold whenever this one does", "list"),
        **{f"caveat_{lang}": (f"Caveat ({lang})", "string") for lang in LANGUAGES},
        "source": ("Where it comes from", "string"),
        "version": ("Version of the definition", "string"),
        "core": ("Whether it belongs to the core", "boolean"),
    },
    "questions": {
        "id": ("The question, or the field of a case", "string"),
        "side": ("survey or case", "string"),
        "form": ("answers (one of them) or boxes (several)", "string"),
        **{f"text_{lang}": (f"Wording ({lang})", "string") for lang in LANGUAGES},
    },
    "answers": {
        "question": ("The question", "string"),
        "code": ("The answer or box", "string"),
        "column": ("The column it fills", "string"),
        **{f"labels_{lang}": (f"Typical labels ({lang})", "list") for lang in LANGUAGES},
    },
    "uses": {
        "indicator": ("The indicator", "string"),
        "question": ("A question its rule stands on", "string"),
    },
}
KEYS = {
    "indicators": ["id"],
    "questions": ["id"],
    "answers": ["question", "code"],
    "uses": ["indicator", "question"],
}
REFERENCES = {
    "answers": {"question": "questions"},
    "uses": {"question": "questions", "indicator": "indicators"},
}


def _texts(name: str, texts: Mapping[str, str]) -> dict[str, object]:
    return {f"{name}_{lang}": texts.get(lang, "") for lang in LANGUAGES}


def _indicator(entry: Entry) -> Row:
    plain = ("id", "category_of", "side", "construct", "unit", "rule", "base", "applies_to", "sensitivity")
    more = ("finest", "subset_of", "source", "version", "core")
    spoken = ("name", "definition", "denominator", "period", "caveat")
    row: dict[str, object] = {name: getattr(entry, name) for name in (*plain, *more)}
    return row | {key: value for name in spoken for key, value in _texts(name, getattr(entry, name)).items()}


def _answers(question: Question) -> Iterator[Row]:
    for code, labels in (question.boxes or question.answers).items():
        yield {
            "question": question.id,
            "code": code,
            "column": f"{question.id}_{code}" if question.boxes else question.id,
            **{f"labels_{lang}": labels.get(lang, ()) for lang in LANGUAGES},
        }


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return LIST.join(map(str, value)) if isinstance(value, tuple) else str(value)


def _csv(columns: Iterable[str], rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode()


def _column(name: str, meaning: str, kind: str) -> dict[str, Any]:
    column = {"name": name, "titles": name, "dc:description": meaning}
    return column | ({"datatype": "string", "separator": LIST} if kind == "list" else {"datatype": kind})


def _schema(table: str) -> dict[str, Any]:
    keys = [
        {"columnReference": column, "reference": {"resource": f"{other}.csv", "columnReference": "id"}}
        for column, other in REFERENCES.get(table, {}).items()
    ]
    columns = [_column(name, *about) for name, about in COLUMNS[table].items()]
    return {"columns": columns, "primaryKey": KEYS[table], **({"foreignKeys": keys} if keys else {})}


def _metadata() -> bytes:
    described = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": {lang: load(lang)("codebook.title") for lang in LANGUAGES},
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "lineTerminators": ["\n"]},
        "tables": [{"url": f"{table}.csv", "tableSchema": _schema(table)} for table in COLUMNS],
    }
    return (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()


def export(
    indicators: Mapping[str, Indicator], questions: Mapping[str, Question], fields: Mapping[str, Question]
) -> dict[str, bytes]:
    """The files of the export by name: four tables, and the metadata that describes and joins them.

    Parameters
    ----------
    indicators : mapping
        What `load` returned.
    questions, fields : mapping
        What `questions` and `case_fields` returned.
    """
    entries = [cast(Entry, indicator) for indicator in indicators.values()]
    asked: Sequence[tuple[str, Question]] = [
        *(("survey", q) for q in questions.values()),
        *(("case", q) for q in fields.values()),
    ]
    rows: dict[str, Iterable[Row]] = {
        "indicators": map(_indicator, entries),
        "questions": (
            {"id": q.id, "side": side, "form": "boxes" if q.boxes else "answers", **_texts("text", q.text)}
            for side, q in asked
        ),
        "answers": (row for _, q in asked for row in _answers(q)),
        "uses": ({"indicator": entry.id, "question": name} for entry in entries for name in entry.questions),
    }
    files = {f"{table}.csv": _csv(COLUMNS[table], rows[table]) for table in COLUMNS}
    return {**files, METADATA: _metadata()}
