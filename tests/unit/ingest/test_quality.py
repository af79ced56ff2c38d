"""The quality report: what the analyst must know, and nothing that an angel would mind on her disk."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mapping.concepts.design_columns import DesignColumns
from mapping.concepts.responses import Responses
from mapping.concepts.wave import AreaColumn, Group, Item, SurveyFile, Wave
from mapping.ingest.quality import Names, Subject, quality_page
from mapping.ingest.quality.cells import FEW, cells, rates
from mapping.ingest.quality.drift import answers_moved, labels_moved, silence_moved
from mapping.ingest.quality.tables import districts_of, items_of, response_by, schools_of, unsure_of

NAMES = Names(
    "sv", "Exempelköping", {"n_study": "Bestämmer din familj?"}, {"S13": "Studieval"}, {"A": ("Norr", 500)}
)
HOSTILE = '<script>alert("x")</script>'


def subject(
    wave: str = "2026", *, n: int = 400, yes: float = 0.2, unsure: int = 9, declined: int = 3
) -> Subject:
    """`n` girls and boys of ten schools in one district."""
    rng = np.random.default_rng(7)
    state = np.where(np.arange(n) < yes * n, "yes", "no").astype(object)
    state[-unsure:] = "unsure"
    state[-unsure - declined : -unsure] = "declined"
    frame = pd.DataFrame(
        {
            "respondent": [f"r{i}" for i in range(n)],
            "psu": [f"ps{i % 10}c0ffee" for i in range(n)],
            "sex": np.where(np.arange(n) % 2, "girl", "boy"),
            "area": "A",
            "n_study": state,
            "weight": 1.5 + rng.random(n),
        }
    ).assign(weight_start=2.0)
    counts = frame.groupby(["psu", "sex"]).size().rename("answered").reset_index()
    response = counts.assign(grade="9", registered=counts["answered"] + 20, present=counts["answered"])
    made = Wave(
        wave, "Ung", ("", ""), "", "enrolled", SurveyFile("ung.csv"), Path(),
        DesignColumns(school="skola", frame="frame.csv"), AreaColumn("residence", "omr"),
        {"sex": Group("kon", {"girl": ("F",), "boy": ("P",)})},
        {"n_study": Item("f40", {"yes": ("Ja",), "no": ("Nej",)})},
    )  # fmt: skip
    answers = pd.DataFrame({"S13": frame["n_study"]})
    return Subject(Responses(made, frame, response), answers, ("A note.",), {})


def page(now: Subject, before: Subject | None = None, names: Names = NAMES) -> str:
    return quality_page(now, before, names).decode()


def visible(html: str) -> str:
    """What a reader sees, without styles and drawings."""
    text = re.sub(r"<(style|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", text)


@given(st.lists(st.integers(0, 40), min_size=2, max_size=7))
@example([4, 4, 4, 30])  # only one way to make 12
def test_no_count_under_five_is_told_and_none_follows_from_the_total(counts: list[int]) -> None:
    """Every hidden count keeps more than one possible value, given the total and what is told of the others."""
    named = {str(i): n for i, n in enumerate(counts)}
    shown = cells(named)

    assert all(cell.count is None or cell.count == 0 or cell.count >= FEW for cell in shown.values())
    hidden = [name for name, cell in shown.items() if not cell.told]
    if hidden and any(named[name] >= FEW for name in named):
        left = sum(named[name] for name in hidden)
        assert len(hidden) > 1
        for name in [name for name in hidden if shown[name].few]:
            possible = [
                v for v in range(1, FEW) if _can(left - v, [shown[h].few for h in hidden if h != name])
            ]
            assert len(possible) > 1


def _can(total: int, few: list[bool]) -> bool:
    """Whether counts of these kinds (1 to 4; else 0 or 5 and more) can add up to `total`."""
    low, high, free = sum(few), sum(4 for f in few if f), sum(not f for f in few)
    sums = range(low, high + 1)
    return any(total == s or (free > 0 and total - s >= FEW) for s in sums)


def test_a_rate_whose_complement_is_few_is_not_told() -> None:
    assert rates({"a": (98, 100), "b": (60, 100), "c": (70, 100)}) == {"a": None, "b": None, "c": 70.0}


def test_no_small_count_no_school_and_no_pseudonym_stand_on_the_page() -> None:
    now, before = subject(), subject("2024", declined=2)
    text = visible(page(now, before))

    assert "INTERNT" in text and "&lt;5" in text
    for known in (*now.responses.frame["psu"], *now.responses.frame["respondent"].head(30)):
        assert not re.search(rf"\b{known}\b", text)
    counts = [
        int(found) for found in re.findall(r"(?<![\d,.–−-])(\d)(?![\d,.])(?! ?\S* ?(?:procent|%))", text)
    ]
    assert not {1, 2, 3, 4} & set(counts) - {1}  # "1 anmärkning" counts notes, not people


def test_the_page_is_whole_in_itself() -> None:
    html = page(subject(), subject("2024"))

    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|https?:|\bon\w+=", html)
    assert "default-src 'none'" in html


@pytest.mark.parametrize("language", ["sv", "en"])
def test_html_in_labels_notes_and_names_is_shown_as_text(language: str) -> None:
    now, before = subject(), subject("2024")
    item = Item("f40", {"yes": (HOSTILE,), "no": ("Nej",)})
    hostile = replace(
        now.responses, wave=replace(now.responses.wave, items={"n_study": item}, survey=HOSTILE)
    )
    names = replace(NAMES, language=language, municipality=HOSTILE, questions={"n_study": HOSTILE})
    html = page(Subject(hostile, now.answers, (HOSTILE,), {}), before, names)

    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5


def test_response_tells_rates_by_group_and_how_they_spread_over_schools() -> None:
    girl = next(row for row in response_by(subject(), "sex") if row.name == "girl")
    assert (girl.registered, girl.answered.count) == (300, 200)
    assert girl.rate == pytest.approx(200 / 3)
    schools = schools_of(subject())
    assert schools is not None and schools.n == 10
    assert schools.quartiles == (50.0, 67.0, 67.0) or schools.quartiles is not None


def test_a_group_where_almost_all_answered_is_not_told_by_subtraction() -> None:
    now = subject()
    table = now.responses.response
    table.loc[table["sex"] == "girl", "registered"] = table["answered"]
    table.loc[table.index[table["sex"] == "girl"][0], "registered"] += 3
    rows = response_by(Subject(now.responses, now.answers), "sex")

    assert [row.answered.told for row in rows] == [False, False]


def test_a_declined_answer_of_few_takes_the_smallest_other_with_it() -> None:
    (row,) = items_of(subject(), NAMES)

    assert row.parts["declined"].few
    assert row.parts["unsure"].count == 9  # told by indicator as well
    assert not row.parts["answered"].told


def test_unsure_is_a_share_of_its_own() -> None:
    (row,) = unsure_of(subject(), NAMES)
    assert row.share == pytest.approx(100 * 9 / 397)


def test_districts_stand_beside_their_register() -> None:
    assert [(name, cell.count, register) for name, cell, register in districts_of(subject(), NAMES)] == [
        ("Norr", 400, 500),
        ("elsewhere", 0, None),
    ]


def test_a_swapped_code_is_marked_as_drift_and_chance_is_not() -> None:
    before = subject("2024")
    assert not any(row.marked for row in answers_moved(before, subject(yes=0.22)))
    (yes,) = [row for row in answers_moved(before, subject(yes=0.8)) if row.answer == "yes"]
    assert yes.marked and yes.now is not None and yes.now > 80


def test_more_silence_is_marked() -> None:
    (row,) = silence_moved(subject("2024", declined=10), subject(declined=80))
    assert row.marked


def test_labels_and_questions_that_come_and_go_are_told() -> None:
    now, before = subject(), subject("2024")
    items = {
        "n_study": Item("f40", {"yes": ("Ja, alltid",), "no": ("Nej",)}),
        "n_new": Item("f41", {"yes": ("Ja",)}),
    }
    wave = replace(now.responses.wave, items=items)
    found = list(labels_moved(before, Subject(replace(now.responses, wave=wave), now.answers)))

    assert [(row.item, row.new, row.gone, row.whole) for row in found] == [
        ("n_new", ("n_new",), (), True),
        ("n_study", ("Ja, alltid",), ("Ja",), False),
    ]


def test_a_wave_without_frame_or_districts_has_its_page() -> None:
    now = subject()
    wave = replace(now.responses.wave, columns=DesignColumns(), area=AreaColumn())
    bare = Responses(wave, now.responses.frame.drop(columns="weight_start").assign(weight=1.0))

    assert "Det finns ingen ram" in page(Subject(bare, now.answers))
