"""Laws of comparing waves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.codebook import comparability, load, questions
from mapping.concepts.wave import Item, SurveyFile, Wave

INDICATORS = load()
QUESTIONS = questions()
PLAIN = settings(max_examples=60, deadline=None)


@st.composite
def items(draw: st.DrawFn) -> dict[str, Item]:
    """Some questions of the codebook, each with some of its answers or boxes under some of its labels."""
    chosen = draw(st.lists(st.sampled_from(sorted(QUESTIONS)), min_size=1, max_size=6, unique=True))
    made = {}
    for name in chosen:
        question = QUESTIONS[name]
        if question.boxes:
            boxes = draw(st.lists(st.sampled_from(sorted(question.boxes)), min_size=1, unique=True))
            made[name] = Item(variables={box: f"{name}_{box}" for box in boxes}, checked=("x",))
        else:
            answers = draw(st.lists(st.sampled_from(sorted(question.answers)), min_size=1, unique=True))
            made[name] = Item(name, {answer: (draw(label(name, answer)),) for answer in answers})
    return made


def label(question: str, answer: str) -> st.SearchStrategy[str | int]:
    listed = QUESTIONS[question].answers[answer]
    return st.sampled_from([text for texts in listed.values() for text in texts]) | st.sampled_from(
        [1, 2, "Annat"]
    )


def wave(id_: str, asked: dict[str, Item], population: str = "") -> Wave:
    return Wave(id_, "Ung", ("", ""), population, "enrolled", SurveyFile("f.sav"), Path(), items=asked)


@PLAIN
@given(items())
def test_a_wave_is_comparable_with_itself(asked: dict[str, Item]) -> None:
    assert comparability(wave("2024", asked), wave("2026", asked), INDICATORS) == {}


@PLAIN
@given(items(), items())
def test_whether_waves_are_comparable_does_not_depend_on_their_order(
    one: dict[str, Item], other: dict[str, Item]
) -> None:
    there = comparability(wave("2024", one), wave("2026", other), INDICATORS)
    back = comparability(wave("2024", other), wave("2026", one), INDICATORS)

    assert set(there) == set(back)


@PLAIN
@given(items(), items())
def test_what_breaks_a_part_breaks_the_whole(one: dict[str, Item], other: dict[str, Item]) -> None:
    found = comparability(wave("2024", one), wave("2026", other), INDICATORS)

    for indicator in INDICATORS.values():
        if any(part in found for part in indicator.parts):
            assert indicator.id in found


@PLAIN
@given(items(), st.data())
def test_other_questions_do_not_matter(asked: dict[str, Item], data: st.DataObject) -> None:
    """Leaving out one question breaks exactly the indicators that stand on it, directly or through parts."""
    gone = data.draw(st.sampled_from(sorted(asked)))
    found = comparability(
        wave("2024", asked), wave("2026", {n: i for n, i in asked.items() if n != gone}), INDICATORS
    )
    columns = set(QUESTIONS[gone].columns())

    def stands_on_it(id_: str) -> bool:
        indicator = INDICATORS[id_]
        return not columns.isdisjoint(indicator.items) or any(map(stands_on_it, indicator.parts))

    assert set(found) == {id_ for id_ in INDICATORS if stands_on_it(id_)}


@PLAIN
@given(items(), st.integers(1990, 2040), st.integers(1990, 2040))
def test_the_year_in_the_population_is_no_difference(asked: dict[str, Item], one: int, other: int) -> None:
    waves = [
        wave(str(year), asked, f"Elever i årskurs 9, läsåret {year}/{(year + 1) % 100:02d}")
        for year in (one, other)
    ]
    assert comparability(*waves, INDICATORS) == {}


@PLAIN
@given(items(), st.data())
def test_an_answer_more_is_a_break(asked: dict[str, Item], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(asked)))
    changed = asked[name]
    if changed.values:
        changed = replace(changed, values={**changed.values, "another": ("Något annat",)})
    else:
        changed = replace(changed, variables={**changed.variables, "another": "q99"})
    found = comparability(wave("2024", asked), wave("2026", {**asked, name: changed}), INDICATORS)

    columns = set(QUESTIONS[name].columns())
    assert {i.id for i in INDICATORS.values() if not columns.isdisjoint(i.items)} <= set(found)
