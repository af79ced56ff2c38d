"""Laws of labels between waves, of boxes, and of what may become a "no"."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.concepts.wave import Item, SurveyFile, Wave
from mapping.errors import InputError, MappingError
from mapping.ingest import relabelled
from mapping.ingest.answers import Labels, explain
from mapping.ingest.items import items_of
from mapping.ingest.raw import RawTable
from mapping.ingest.relabelled import refuse_relabelled

WORDS = {"own": "Ja, helt själv", "conditional": "Ja, men med villkor", "none": "Nej", "unsure": "Vet ej"}
ANSWERS = {answer: (text,) for answer, text in WORDS.items() if answer != "unsure"}
MEANINGS = {answer: Labels.of(texts) for answer, texts in ANSWERS.items()}
SILENT = {
    "unsure": Labels.of(["Vet ej"]),
    "declined": Labels.of(["Vill ej svara"]),
    "skipped": Labels.of([99]),
}
ITEM = Item(variable="q", values=ANSWERS)
BOXES = ("sports", "friends", "evenings", "none")
CODES = [1.0, 2.0, 3.0, 4.0]

given_answers = st.lists(st.sampled_from(list(WORDS)), min_size=1, max_size=10)


def wave(id_: str, item: Item, **file: object) -> Wave:
    survey = SurveyFile("f.sav", unsure=("Vet ej",), missing=(99,), **file)  # type: ignore[arg-type]
    return Wave(id_, "Ung", ("", ""), "", "enrolled", survey, Path("/nowhere") / id_, items={"n_x": item})


def table(columns: dict[str, list[object]], labels: dict[str, dict[float, str]] | None = None) -> RawTable:
    return RawTable("f.sav", "sav", pd.DataFrame(columns), labels or {})  # type: ignore[arg-type]


def written(text: str) -> st.SearchStrategy[str]:
    """The same text in another case, normal form, padding, and with characters nobody sees."""
    cases = st.sampled_from([text, text.upper(), text.lower()])
    forms = cases.flatmap(lambda t: st.sampled_from([unicodedata.normalize(f, t) for f in ("NFC", "NFD")]))
    pads = st.sampled_from(["", " ", "\u200b", "\ufeff ", "\t", "\u00a0", "\u202e", "\u00ad"])
    return st.tuples(pads, forms, pads).map("".join)


@settings(max_examples=80, deadline=None)
@given(st.permutations(CODES), given_answers, st.data())
def test_codes_permuted_with_their_labels_change_no_answer_however_they_are_written(
    codes: list[float], answers: list[str], data: st.DataObject
) -> None:
    number = dict(zip(WORDS, codes, strict=True))
    labels = {number[answer]: data.draw(written(text)) for answer, text in WORDS.items()}
    unused = {code: f"Annat {code}" for code in data.draw(st.sets(st.sampled_from([7.0, 50.0, -1.0])))}
    raw = table({"q": [number[answer] for answer in answers]}, {"q": labels | unused})

    assert explain(raw, "q", raw.frame["q"], MEANINGS, SILENT, "").tolist() == answers


def before(codes: dict[float, str]) -> mock._patch[object]:
    """The wave before this one labelled its codes so."""
    meant = relabelled._meanings(wave("2024", ITEM), {"q": codes})  # type: ignore[attr-defined]
    return mock.patch.object(relabelled, "_earlier", lambda _: iter([meant]))


@settings(max_examples=120, deadline=None)
@given(
    st.permutations(list(WORDS)),
    st.integers(-3, 6),
    st.sets(st.sampled_from(list(WORDS)), min_size=1),
    st.data(),
)
def test_labels_permuted_or_shifted_against_codes_are_refused_or_mapped_by_a_label_that_must_be_right(
    order: list[str], step: int, given_: set[str], data: st.DataObject
) -> None:
    then = dict(zip(CODES, WORDS.values(), strict=True))
    now = {code + step: WORDS[answer] for code, answer in zip(CODES, order, strict=True)}
    number = {text: code for code, text in now.items()}
    answers = data.draw(st.lists(st.sampled_from(sorted(given_)), min_size=1, max_size=6))
    raw = table({"q": [number[WORDS[answer]] for answer in answers]}, {"q": now})
    changed = any(then.get(code, text) != text for code, text in now.items())

    with before(then):
        try:
            notes = refuse_relabelled(raw, wave("2026", ITEM))
        except InputError as error:
            assert changed
            assert "'q' changed between waves 2024 and 2026" in str(error)
            return
    assert explain(raw, "q", raw.frame["q"], MEANINGS, SILENT, "").tolist() == answers
    if changed:  # then the old labels cannot be right for this file
        assert not set(raw.frame["q"]) <= set(then)
        assert notes


@settings(max_examples=60, deadline=None)
@given(st.permutations(["own", "conditional", "none"]), given_answers)
def test_bare_codes_permuted_against_the_labels_before_are_never_mapped_silently(
    order: list[str], answers: list[str]
) -> None:
    then = {code: WORDS[answer] for code, answer in zip(CODES, ANSWERS, strict=False)}
    item = Item(variable="q", values={answer: (code,) for code, answer in zip(CODES, order, strict=False)})
    raw = table({"q": [1.0] * len(answers)})

    with before(then):
        if order == list(ANSWERS):
            assert refuse_relabelled(raw, wave("2026", item)) == []
        else:
            with pytest.raises(InputError, match="changed between waves"):
                refuse_relabelled(raw, wave("2026", item))


ANY_CELL = st.one_of(
    st.none(), st.sampled_from([0.0, 1.0, 2.0, 3.0, 8.0, 9.0, 99.0, 1.5]), st.floats(-5, 100, allow_nan=False)
)
ANY_TEXT = st.one_of(
    st.sampled_from(["Ja", "Nej", "NEJ ", "Vet ej", "x", "", "0", "1", "No", "-"]), st.text(max_size=6)
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(ANY_CELL, ANY_TEXT), min_size=1, max_size=8), st.sets(st.sampled_from(["Nej", 0, 2]))
)
def test_no_value_becomes_a_no_unless_a_label_or_code_says_so(
    cells: list[object], no: set[str | int]
) -> None:
    meanings = {"yes": Labels.of(["Ja", 1]), "no": Labels.of(no)}
    raw = table({"q": pd.Series(cells, dtype=object)})  # type: ignore[dict-item]

    try:
        found = explain(raw, "q", raw.frame["q"], meanings, SILENT, "[items.n_x]").tolist()
    except MappingError:
        return
    for cell, answer in zip(cells, found, strict=True):
        if answer == "no":
            text = str(0.0 if cell == 0 else cell).strip().casefold().removesuffix(".0")  # -0.0 is 0
            assert text in {str(label).casefold() for label in no}


def every_way(rows: list[set[str]]) -> Iterator[tuple[Item, RawTable]]:
    """The same ticks in each way that files write them."""
    texts = {box: box.title() for box in BOXES}
    own = {box: (text,) for box, text in texts.items()}
    columns = {box: f"q_{box}" for box in BOXES}
    for ticked, left in (("x", None), (1.0, None), (1.0, 0.0), (1.0, 2.0), ("Ja", "Nej"), ("Ja", None)):
        cells = {columns[b]: [ticked if b in row else left for row in rows] for b in BOXES}
        yield Item(variables=columns, checked=(int(ticked) if ticked == 1.0 else ticked,)), table(cells)  # type: ignore[arg-type]
    labels = {column: {1.0: "Markerat", 0.0: "Ej markerat"} for column in columns.values()}
    cells = {columns[b]: [float(b in row) for row in rows] for b in BOXES}
    yield Item(variables=columns, checked=("Markerat",)), table(cells, labels)  # type: ignore[arg-type]
    cells = {columns[b]: [texts[b] if b in row else "" for row in rows] for b in BOXES}
    yield Item(variables=columns, boxes=own), table(cells)  # type: ignore[arg-type]
    turns = list(itertools.zip_longest(*(sorted(row) for row in rows), *[[None] * len(BOXES)]))
    chosen = {f"c{at}": [turn and texts[turn] for turn in turns[at][:-1]] for at in range(len(BOXES))}
    yield Item(choices=tuple(chosen), boxes=own), table(chosen)  # type: ignore[arg-type]
    codes = {box: (at,) for at, box in enumerate(BOXES, 1)}
    numbers = {c: [BOXES.index(t.casefold()) + 1.0 if t else None for t in v] for c, v in chosen.items()}
    yield Item(choices=tuple(numbers), boxes=codes), table(numbers)  # type: ignore[arg-type]
    for separator in (";", ","):
        joined = [f"{separator} ".join(texts[b] for b in sorted(row)) for row in rows]
        yield Item(choices=("q",), boxes=own, separator=separator), table({"q": joined})  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sets(st.sampled_from(BOXES)), min_size=1, max_size=6))
def test_ticks_mean_the_same_in_every_way_they_are_written(rows: list[set[str]]) -> None:
    truth = [
        dict.fromkeys(BOXES, "skipped") if not row
        else {box: "yes" if box in row and (box != "none" or row == {"none"}) else "no" for box in BOXES}
        for row in rows
    ]  # fmt: skip

    for item, raw in every_way(rows):
        found, _ = items_of(raw, wave("2026", item), "wave.toml")
        if any(rows):
            assert [dict(zip(BOXES, r, strict=True)) for r in pd.DataFrame(found).to_numpy()] == truth, item
        else:
            assert found == {}


@settings(max_examples=80, deadline=None)
@given(st.data(), st.integers(1, 8))
def test_none_is_ticked_by_exactly_those_without_another_box(data: st.DataObject, n: int) -> None:
    cell = st.sampled_from([1.0, 0.0, None, 8.0, 99.0])
    columns = {f"q_{box}": data.draw(st.lists(cell, min_size=n, max_size=n)) for box in BOXES}
    labels = {name: {8.0: "Vet ej"} for name in columns}
    item = Item(variables={box: f"q_{box}" for box in BOXES}, checked=(1,))

    found, _ = items_of(table(columns, labels), wave("2026", item), "wave.toml")  # type: ignore[arg-type]

    if not found:
        return
    answers = pd.DataFrame(found)
    answers.columns = pd.Index(BOXES)
    cells = pd.DataFrame(columns, dtype=float).to_numpy()
    others = answers[list(BOXES[:-1])].eq("yes").any(axis=1)
    assert (answers["none"].eq("yes") <= ~others).all()
    assert (answers["none"].eq("yes") == (cells[:, 3] == 1) & ~others).all()
    # a cell that says "don't know" or "no answer" is never a no, unless none of these was ticked instead of any
    said = np.isin(cells[:, :3], [8.0]) & (answers[list(BOXES[:-1])] == "no").to_numpy()
    assert not said.any()
