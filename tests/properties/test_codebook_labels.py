"""Laws of harmonising labels: what matters is the label, not how it is typed or numbered."""

from __future__ import annotations

import unicodedata

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.ingest.answers import Labels, explain
from mapping.ingest.raw import RawTable

MEANINGS = {"own": Labels.of(["Ja, helt själv"]), "none": Labels.of(["Nej, får inte välja"])}
SILENT = {
    "unsure": Labels.of(["Vet ej"]),
    "declined": Labels.of(["Vill ej svara"]),
    "skipped": Labels.of([99]),
}
WORDS = {
    "own": "Ja, helt själv",
    "none": "Nej, får inte välja",
    "unsure": "Vet ej",
    "declined": "Vill ej svara",
}


@st.composite
def typed(draw: st.DrawFn, text: str) -> str:
    """The same label as another hand would have typed it."""
    text = draw(st.sampled_from([text, text.upper(), text.lower()]))
    text = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)
    return (
        draw(st.sampled_from(["", " ", "\u200b", "\ufeff"]))
        + text
        + draw(st.sampled_from(["", "  ", "\t", "\u00a0"]))
    )


@settings(max_examples=60, deadline=None)
@given(st.data(), st.lists(st.sampled_from(list(WORDS)), min_size=1, max_size=8))
def test_text_answers_mean_the_same_however_typed(data: st.DataObject, answers: list[str]) -> None:
    column = pd.Series([data.draw(typed(WORDS[answer])) for answer in answers])

    assert (
        explain(RawTable("f.csv", "csv", column.to_frame("q")), "q", column, MEANINGS, SILENT, "").tolist()
        == answers
    )


@settings(max_examples=60, deadline=None)
@given(st.permutations([1.0, 2.0, 3.0, 4.0]), st.lists(st.sampled_from(list(WORDS)), min_size=1, max_size=8))
def test_labelled_answers_mean_the_same_under_any_numbering(codes: list[float], answers: list[str]) -> None:
    number = dict(zip(WORDS, codes, strict=True))
    labels = {number[answer]: text for answer, text in WORDS.items()}
    column = pd.Series([number[answer] for answer in answers])
    table = RawTable("f.sav", "sav", column.to_frame("q"), {"q": labels})

    assert explain(table, "q", column, MEANINGS, SILENT, "").tolist() == answers
