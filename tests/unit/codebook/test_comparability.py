"""Whether two waves measured the same: what breaks a series, and what only looks as if it did."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from mapping.codebook import check_answers, comparability, load, questions
from mapping.concepts.wave import CaseFile, Group, Item, SurveyFile, Wave, read_wave
from mapping.errors import SettingsError

INDICATORS = load()
PARTNER = {"own": ("Ja, helt själv",), "conditional": ("Ja, men med villkor",), "none": ("Nej",)}
ITEMS = {
    "n_wait_sex": Item("q1", {"yes": ("Ja",), "no": ("Nej",)}),
    "n_no_love": Item("q2", {"yes": ("Ja",), "no": ("Nej",)}),
    "n_partner": Item("q3", PARTNER),
    "n_leisure": Item(variables={"sports": "q4a", "friends": "q4b", "none": "q4x"}, checked=("Markerat",)),
}


def wave(id_: str = "2024", *, equal: tuple[str, ...] = (), **given: object) -> Wave:
    """A wave as its sidecar describes it, with a few questions."""
    plain = Wave(
        id=id_,
        survey="Ung",
        fieldwork=("", ""),
        population="Elever i årskurs 9, läsåret 2023/24",
        counts="enrolled",
        file=SurveyFile("f.sav", equal=equal),
        folder=Path(),
        items=ITEMS,
    )
    return replace(plain, **given)


def item(name: str, **changed: object) -> dict[str, Item]:
    """The questions with one of them changed."""
    return {**ITEMS, name: replace(ITEMS[name], **changed)}


def broken(later: Wave, earlier: Wave | None = None) -> set[str]:
    return set(comparability(earlier or wave(), later, INDICATORS))


@pytest.mark.parametrize(
    "later",
    [
        wave("2026", population="Elever i årskurs 9, läsåret 2025/26"),
        wave("2026", population="elever i  årskurs 9 läsåret 2025–2026."),
        wave("2026", population=""),
        wave("2026", items=item("n_wait_sex", variable="f28")),
        wave("2026", items=item("n_wait_sex", values={"yes": ("Yes",), "no": ("No",)})),
        wave("2026", items=item("n_wait_sex", values={"yes": ("1. JA",), "no": ("2. NEJ ",)})),
        wave("2026", items=item("n_wait_sex", values={"yes": (1,), "no": (0,)})),
        wave("2026", items=item("n_partner", values={**PARTNER, "conditional": ("Ja men med villkor",)})),
        wave("2026", items=item("n_leisure", checked=(1,), variables={**ITEMS["n_leisure"].variables})),
        wave("2026", items=item("n_leisure", period="De senaste 12 månaderna")),
        wave("2026", items={**ITEMS, "n_control_done": Item("q9", {"yes": ("Ja",), "no": ("Nej",)})}),
    ],
)
def test_harmless_differences_keep_a_series_whole(later: Wave) -> None:
    assert broken(later) <= {
        "S26",
        "S25+S26",
        "S27",
    }  # only the last case asks a question that was not asked before


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (wave("2026", counts="resident"), {"S01", "S04", "S09", "S15"}),
        (wave("2026", population="Elever i årskurs 8, läsåret 2025/26"), {"S01", "S04", "S09", "S15"}),
        (
            wave("2026", items=item("n_partner", values={"own": ("Ja",), "none": ("Nej",)})),
            {"S04", "S05", "S15"},
        ),
        (
            wave("2026", items=item("n_partner", values={**PARTNER, "own": ("Ja, om familjen gillar det",)})),
            {"S04", "S05", "S15"},
        ),
        (wave("2026", items=item("n_leisure", variables={"sports": "a", "none": "x"})), {"S09", "S15"}),
        (wave("2026", items=item("n_leisure", variables={"sports": "a", "friends": "b"})), {"S09", "S15"}),
        (wave("2026", items=item("n_leisure", period="de senaste 6 månaderna")), {"S09", "S15"}),
    ],
)
def test_what_is_not_the_same_breaks_the_series(later: Wave, expected: set[str]) -> None:
    assert expected <= broken(later)


def test_a_change_in_one_question_leaves_the_others_alone() -> None:
    assert not broken(wave("2026", items=item("n_leisure", variables={"sports": "a"}))) & {
        "S01",
        "S03",
        "S04",
    }


def test_a_grade_more_is_another_population() -> None:
    nine, both = ({"grade": Group("ak", dict.fromkeys(levels, ("x",)))} for levels in (["9"], ["9", "gy2"]))

    assert "S01" in broken(wave("2026", groups=both), wave(groups=nine))
    assert broken(wave("2026", groups=nine), wave(groups=nine)) == set()
    assert broken(wave("2026", groups=both)) == set()  # the earlier wave does not say


def test_another_variant_of_an_index_breaks_it_and_what_is_built_on_it() -> None:
    found = comparability(wave(), wave("2026"), INDICATORS, before=load(options={"S03": "both"}))

    assert found["S03"] == (
        {"sv": "Regeln är en annan 2026 än 2024.", "en": "The rule is another in 2026 than in 2024."},
    )
    assert found["S15"][0]["sv"] == "Oskuldsnorm (index): regeln är en annan 2026 än 2024."
    assert "S01" not in found


def test_a_question_that_one_wave_left_out_is_named_where_there_are_several() -> None:
    items = {name: it for name, it in ITEMS.items() if name != "n_no_love"}
    found = comparability(wave(), wave("2026", items=items), INDICATORS)

    assert found["S02"] == (
        {"sv": "Frågan ställdes inte 2026.", "en": "The question was not asked in 2026."},
    )
    assert found["S03"][0]["en"] == "No love relationship allowed: the question was not asked in 2026."
    assert "S16" not in found  # asked in neither


def test_the_analyst_confirms_that_other_words_measure_the_same() -> None:
    items = item("n_partner", values={**PARTNER, "own": ("Det bestämmer jag",)})

    assert "S04" in broken(wave("2026", items=items))
    assert "S04" not in broken(wave("2026", items=items, equal=("n_partner",)))
    assert "S04" in broken(
        wave("2026"), wave(items=items, equal=("n_partner",))
    )  # said of what came before it


def test_codes_without_labels_are_compared_as_numbers() -> None:
    one, same, other = (
        wave("2026", items=item("n_partner", values=values))
        for values in (
            {"own": (1,), "conditional": (2,), "none": (3,)},
            {"own": ("1",), "conditional": (2.0,), "none": (3,)},
            {"own": (1,), "conditional": (2, 3), "none": (4,)},
        )
    )
    assert broken(same, one) == set()
    assert "S04" in broken(other, one)


def test_both_languages_say_it() -> None:
    found = comparability(wave(), wave("2026", counts="resident", items={}), INDICATORS)

    assert found
    for reasons in found.values():
        assert all(set(reason) == {"sv", "en"} and reason["sv"].endswith(".") for reason in reasons)


def test_an_item_confirmed_as_equal_must_be_one_of_the_wave() -> None:
    with pytest.raises(
        SettingsError, match=r"'equal' names no item of this wave: 'n_parner'. Did you mean 'n_partner'"
    ):
        check_answers(wave(equal=("n_parner",)), questions())


def test_the_real_series_of_new_york_is_whole_over_its_six_waves(root: Path) -> None:
    """Its waves name labels in two languages, and codes where a file has none."""
    folder = root / "tests" / "workspaces" / "nyc"
    waves = [read_wave(path) for path in sorted((folder / "data" / "raw").glob("20*/wave.toml"))]
    own = load(folder / "indicators")

    assert len(waves) == 6
    assert [comparability(one, other, own) for one, other in pairwise(waves)] == [{}] * 5


def cases(
    unit: str = "case", last: str = "2023-12-31", hrv: tuple[str, ...] = ("Hedersrelaterat våld",)
) -> CaseFile:
    return CaseFile(
        "a.csv", (f"{last[:4]}-01-01", last), unit, {}, {"hrv": hrv, "ipv": ("Våld i nära relation",)}
    )


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (cases(last="2024-12-31"), set()),  # a leap year
        (cases(hrv=("Hedersrelaterat våld och förtryck",)), set()),
        (cases(hrv=("Hedersrelaterat våld", "Familjekonflikt")), {"K01", "K01+K02", "K03"}),
        (cases(last="2024-06-30"), {"K01", "K02", "K01+K02", "K03"}),
        (cases(unit="person"), {"K01", "K02", "K01+K02", "K03"}),
    ],
)
def test_cases_counted_in_another_way_are_not_compared(later: CaseFile, expected: set[str]) -> None:
    found = {id_ for id_ in broken(wave("2026", cases=later), wave(cases=cases())) if id_.startswith("K0")}

    assert found >= expected and bool(found) == bool(expected)
