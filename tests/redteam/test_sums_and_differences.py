"""Attacks by reckoning: a withheld count follows from what is shown and from how the cells add up.

In each, the attacker finds the secret where the gate lacks the defence (it is not told how the cells relate, or does
not look beyond its rules), and no longer where it has it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mapping.concepts.estimate_table import Relation
from mapping.disclosure import Status, read_policy


def fails_only_when_told(
    scene: Any, secret: str, *relations: Relation, threshold: int = 5, side: int = 0
) -> None:
    """The attack on `secret` succeeds on a gate that does not know `relations`, and fails on one that does."""
    careless, careful = scene.untold(*relations).protect(), scene.protect()
    assert scene.attacker(careless).finds(secret, side, threshold=threshold)
    assert not scene.attacker(careful).finds(secret, side, threshold=threshold)


def three_districts(kit: Any, *, last: tuple[int, int] = (120, 30)) -> Any:
    """An area of three districts, of which the first has a small count."""
    cells = [kit.cell("d1", 110, 2), kit.cell("d2", 100, 20), kit.cell("d3", *last)]
    cells.append(kit.cell("A1", 210 + last[0], 22 + last[1]))
    return kit.scene(cells, kit.total(kit.key("A1"), [kit.key(d) for d in ("d1", "d2", "d3")]))


def test_totals_minus_members_no_longer_give_the_member(kit: Any, request: pytest.FixtureRequest) -> None:
    scene, secret = three_districts(kit), kit.key("d1")
    assert not scene.attacker(scene.protect()).finds(secret)
    request.getfixturevalue("only_the_rules")
    assert scene.attacker(scene.protect()).range(secret) == (2, 2)


def test_all_minus_girls_minus_boys_do_not_give_those_who_are_neither(kit: Any) -> None:
    cells = [kit.cell("M", 188, 43), kit.cell("M", 90, 30, "girl"), kit.cell("M", 90, 10, "boy")]
    cells.append(kit.cell("M", 8, 3, "rest", publish=False))
    sexes = kit.total(kit.key("M"), [kit.key("M", sex) for sex in ("girl", "boy", "rest")])
    fails_only_when_told(kit.scene(cells, sexes), kit.key("M", "rest"), sexes)


def test_the_county_minus_its_other_members_does_not_give_the_municipality(kit: Any) -> None:
    cells = [kit.cell("M", 40, 3), kit.cell("Mb", 60, 20), kit.cell("Mc", 60, 15), kit.cell("C", 160, 38)]
    county = kit.total(kit.key("C"), [kit.key(m) for m in ("M", "Mb", "Mc")])
    fails_only_when_told(kit.scene(cells, county), kit.key("M"), county)


def test_pooled_waves_minus_one_wave_do_not_give_the_other(kit: Any) -> None:
    cells = [
        kit.cell("A1", 90, 3, wave="2024"), kit.cell("A1", 150, 20, wave="2026"),
        kit.cell("A1", 240, 23, wave="2024+2026"),
    ]  # fmt: skip
    waves = [kit.key("A1", wave=wave) for wave in ("2024", "2026")]
    pool = kit.total(kit.key("A1", wave="2024+2026"), waves)
    fails_only_when_told(kit.scene(cells, pool), waves[0], pool)


def test_a_small_composite_does_not_show_that_its_part_is_smaller(kit: Any) -> None:
    """Control in all its forms: 7; to be married off is one of them, of class 4: at most 7, and so small."""
    cells = [kit.cell("A1", 150, 7), kit.cell("A2", 150, 30)]
    cells += [kit.cell(a, 150, n, indicator="S24", sensitivity=4) for a, n in (("A1", 4), ("A2", 14))]
    parts = [kit.within(kit.key(a, indicator="S24"), kit.key(a)) for a in ("A1", "A2")]
    fails_only_when_told(kit.scene(cells, *parts), kit.key("A1", indicator="S24"), *parts, threshold=10)


def test_those_who_were_asked_on_do_not_show_how_few_they_are(kit: Any) -> None:
    """Only who said yes is asked on: all answers to the second question together are the yeses to the first."""
    cells = [kit.cell("A1", 150, 6), kit.cell("A2", 150, 40)]
    cells += [kit.cell("A1", 6, 4, indicator="S24", sensitivity=4, reliability="unreliable")]
    cells += [kit.cell("A2", 40, 15, indicator="S24", sensitivity=4)]
    routed = [kit.within(kit.key(a, indicator="S24"), kit.key(a)) for a in ("A1", "A2")]
    fails_only_when_told(kit.scene(cells, *routed), kit.key("A1", indicator="S24"), *routed, threshold=10)


def test_categories_that_make_up_a_whole_do_not_give_the_last_of_them(kit: Any) -> None:
    cells = [kit.cell("M", 180, 100)]
    cells += [kit.cell("M", 180, k, indicator=i) for i, k in (("S1", 58), ("S2", 39), ("S3", 3))]
    terms = [(kit.key("M", indicator=i), 1.0) for i in ("S1", "S2", "S3")]
    whole = Relation((*terms, (kit.key("M"), -1.0)), "=", ("events",))
    fails_only_when_told(kit.scene(cells, whole), kit.key("M", indicator="S3"), whole)


def test_publication_areas_of_two_divisions_do_not_give_the_district_between_them(kit: Any) -> None:
    """Areas of one class are d1+d2 and d3+d4, of another d1+d2+d3 and d4: less one another they give d3."""
    cells = [
        kit.cell(d, n, k, publish=False)
        for d, n, k in (("d1", 90, 20), ("d2", 90, 15), ("d3", 40, 2), ("d4", 95, 30))
    ]
    cells += [
        kit.cell("A12", 180, 35),
        kit.cell("A34", 135, 32),
        kit.cell("A123", 220, 37),
        kit.cell("A4", 95, 30),
    ]
    of = {"A12": ("d1", "d2"), "A34": ("d3", "d4"), "A123": ("d1", "d2", "d3"), "A4": ("d4",)}
    merged = [kit.total(kit.key(area), [kit.key(d) for d in inside]) for area, inside in of.items()]
    fails_only_when_told(kit.scene(cells, *merged), kit.key("d3"), *merged)


def test_case_counts_of_the_quarters_and_the_year_do_not_give_a_quarter(kit: Any) -> None:
    quarters = {"q1": 24, "q2": 3, "q3": 31, "q4": 40}
    cells = [kit.cases("M", n, quarter) for quarter, n in quarters.items()]
    cells.append(kit.cases("M", sum(quarters.values())))
    all_year = kit.key("M", indicator="K01")
    year = kit.total(all_year, [kit.key("M", quarter, indicator="K01") for quarter in quarters])
    fails_only_when_told(kit.scene(cells, year), kit.key("M", "q2", indicator="K01"), year, threshold=10)


def test_a_complement_says_as_much_as_a_count(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """97 per cent of 100: three did not, and whoever knows them knows what they answered."""
    scene, secret = kit.scene([kit.cell("A1", 100, 97)]), kit.key("A1")
    assert scene.protect().one(key=secret).status is Status.WITHHELD
    assert not scene.attacker(scene.protect()).finds(secret, side=1)

    monkeypatch.setattr("mapping.disclosure.gate.members.reasons", lambda unit, policy: ())
    assert scene.attacker(scene.protect()).range(secret, side=1) == (3, 3)


def test_everybody_and_nobody_are_told_of_no_group(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = kit.scene([kit.cell("d1", 60, 60), kit.cell("d2", 60, 0), kit.cell("d3", 60, 20)])
    assert {f.area for f in scene.protect() if f.status is not Status.WITHHELD} == {"d3"}

    monkeypatch.setattr("mapping.disclosure.gate.members.reasons", lambda unit, policy: ())
    told = scene.attacker(scene.protect())
    assert (told.range(kit.key("d1"), side=1), told.range(kit.key("d2"))) == ((0, 0), (0, 0))


def test_a_blank_is_not_given_away_by_being_at_least_one(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where "none known" is printed, a blank is at least one: two blanks of five together are both below five."""
    cells = [kit.cell("A1", 40, 1), kit.cell("A2", 40, 4), kit.cell("A3", 40, 12), kit.cell("A4", 40, 10)]
    cells.append(kit.cell("M", 160, 27))
    scene = kit.scene(cells, kit.total(kit.key("M"), [kit.key(f"A{i}") for i in range(1, 5)]))
    secret, alone = kit.key("A1"), replace(read_policy(), insiders=0)

    def attacker(release: Any) -> Any:
        made = scene.attacker(release)
        for figure in release:
            if figure.status is Status.WITHHELD:
                made.knows[figure.key, 0] = (1.0, 500.0)
        return made

    assert not attacker(scene.protect(policy=alone)).finds(secret)
    for module in ("demands", "assemble"):
        monkeypatch.setattr(f"mapping.disclosure.gate.{module}.known_minimum", lambda unit: 0)
    assert attacker(scene.protect(policy=alone)).finds(secret)


def test_a_blank_between_two_shares_is_not_one_of_few_values(
    kit: Any, request: pytest.FixtureRequest
) -> None:
    """Rank and order: nothing says whether a blank place lies above or below its neighbours."""
    scene, secret = three_districts(kit), kit.key("d1")
    low, high = scene.attacker(scene.protect()).range(secret)
    assert low == 0
    assert high >= 20
    request.getfixturevalue("only_the_rules")
    assert scene.attacker(scene.protect()).finds(secret)


def test_one_school_that_dominates_a_district_is_not_tabulated(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine of ten answers in the district are of one school: its share is the school's."""
    cells = [kit.cell("d1", 100, 20, largest_school=0.9), kit.cell("d2", 100, 20), kit.cell("d3", 100, 30)]
    cells.append(kit.cell("A1", 300, 70))
    scene = kit.scene(cells, kit.total(kit.key("A1"), [kit.key(f"d{i}") for i in (1, 2, 3)]))
    assert not scene.attacker(scene.protect()).finds(kit.key("d1"))

    monkeypatch.setattr("mapping.disclosure.gate.members.reasons", lambda unit, policy: ())
    assert scene.attacker(scene.protect()).range(kit.key("d1")) == (20, 20)


def test_a_stricter_policy_is_not_undone_by_relations(kit: Any) -> None:
    """Base 40 instead of 30: the cell that is withheld for it does not follow from the others."""
    cells = [kit.cell("d1", 35, 9), kit.cell("d2", 100, 20), kit.cell("d3", 100, 30), kit.cell("A1", 235, 59)]
    scene = kit.scene(cells, kit.total(kit.key("A1"), [kit.key(f"d{i}") for i in (1, 2, 3)]))
    assert scene.attacker(scene.protect()).finds(kit.key("d1"))
    assert not scene.attacker(scene.protect(policy=read_policy({"base_n": 40}))).finds(kit.key("d1"))
