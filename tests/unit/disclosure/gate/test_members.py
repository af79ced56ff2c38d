"""What becomes of a cell, given what earlier releases made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from mapping.concepts.estimate_table import Relation
from mapping.disclosure import EarlierRelease, Entry, read_policy
from mapping.disclosure.gate.members import Fate, Member, enrol
from mapping.disclosure.grants import granted
from mapping.disclosure.ledger.earlier import Remembered, Role
from mapping.disclosure.units import Estimate, Unit

POLICY = read_policy()


def unit(n: int, events: int, area: str = "a", *, wave: str = "2026", **other: object) -> Unit:
    share = events / n if n else 0.0
    estimate = Estimate("pupils", share, max(0.0, share - 0.05), min(1.0, share + 0.05), "reliable")
    made = Unit(
        f"{wave}|S04|area|{area}|all", wave, "S04", "area", area, "all", False, True, 3, 5, n, events, None, 3, 0.4, 0,
        (estimate,),
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]


OPEN = unit(400, 60)  # no rule withholds it
SMALL = unit(400, 3)
UNSURE = replace(OPEN, estimates=(replace(OPEN.estimates[0], reliability="unreliable"),))
LATENT = unit(400, 60, publish=False)


def released(*cells: Remembered, sequence: int = 1, relations: tuple[Relation, ...] = ()) -> EarlierRelease:
    units = {cell.unit.key: cell for cell in cells}
    return EarlierRelease("2026", sequence, Entry(sequence, "2026", {}), units, relations)


def enrolled(now: Unit, *earlier: EarlierRelease) -> Mapping[str, Member]:
    return enrol({now.key: now}, (), POLICY, earlier)[0]


def again(now: Unit, old: Unit, role: Role, grant: tuple[int, int] = (0, 0)) -> Member:
    """Today's cell after a release that made something of it."""
    return enrolled(now, released(Remembered(old, role, grant)))[now.key]


def fate(member: Member) -> tuple[Fate, bool, bool]:
    return member.fate, member.secret, member.silent


def test_a_cell_alone_is_open_or_blank_by_the_rules() -> None:
    assert fate(enrolled(OPEN)[OPEN.key]) == (Fate.OPEN, True, False)
    assert enrolled(OPEN)[OPEN.key].grant == granted(OPEN, POLICY)
    assert fate(enrolled(SMALL)[SMALL.key]) == (Fate.BLANK, True, False)
    assert fate(enrolled(UNSURE)[UNSURE.key]) == (Fate.BLANK, False, False)
    assert fate(enrolled(LATENT)[LATENT.key]) == (Fate.BLANK, True, False)


def test_what_is_withheld_as_unreliable_and_by_a_rule_is_secret() -> None:
    both = replace(SMALL, estimates=UNSURE.estimates)
    assert enrolled(both)[both.key].secret


@pytest.mark.parametrize(
    ("now", "role", "expected"),
    [
        # printed then: known, and not printed again where a rule speaks now
        (OPEN, Role.SHOWN, (Fate.KNOWN, True, False)),
        (SMALL, Role.SHOWN, (Fate.KNOWN, True, True)),
        (UNSURE, Role.SHOWN, (Fate.KNOWN, False, True)),
        # blank then: blank now
        (OPEN, Role.BLANK, (Fate.BLANK, False, False)),
        (OPEN, Role.SECRET, (Fate.BLANK, True, False)),
        (SMALL, Role.BLANK, (Fate.BLANK, True, True)),
        (UNSURE, Role.SECRET, (Fate.BLANK, False, True)),
        # not for that release to show: as today's rules say
        (OPEN, Role.LATENT, (Fate.OPEN, True, False)),
        (SMALL, Role.LATENT, (Fate.BLANK, True, False)),
    ],
)
def test_a_cell_that_has_not_changed_is_the_same_member(
    now: Unit, role: Role, expected: tuple[Fate, bool, bool]
) -> None:
    assert fate(again(now, now, role)) == expected


def test_a_cell_that_is_known_and_blank_by_turns_stays_known() -> None:
    shown, blank = Remembered(OPEN, Role.SHOWN, (58, 62)), Remembered(OPEN, Role.BLANK, (0, 0))
    member = enrolled(OPEN, released(shown), released(blank, sequence=2))[OPEN.key]
    assert fate(member) == (Fate.KNOWN, True, True)
    member = enrolled(OPEN, released(blank), released(shown, sequence=2))[OPEN.key]
    assert fate(member) == (Fate.KNOWN, False, True)


def test_two_prints_of_a_cell_tell_what_both_allow() -> None:
    large = replace(unit(2000, 300), estimates=unit(2000, 300).estimates)
    low, high = granted(large, POLICY)
    assert low < 300 < high
    assert again(large, large, Role.SHOWN, (low + 2, high + 3)).grant == (low + 2, high)
    assert again(large, large, Role.SHOWN, (low - 2, high - 3)).grant == (low, high - 3)


def test_a_cell_that_only_an_earlier_release_prints_tells_what_was_printed_then() -> None:
    assert again(SMALL, SMALL, Role.SHOWN, (2, 4)).grant == (2, 4)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.SHOWN, (Fate.KNOWN, True, False)),
        (Role.BLANK, (Fate.BLANK, False, False)),
        (Role.SECRET, (Fate.BLANK, True, False)),
        (Role.LATENT, (Fate.BLANK, True, False)),
    ],
)
def test_a_cell_of_an_earlier_release_alone_is_a_member(
    role: Role, expected: tuple[Fate, bool, bool]
) -> None:
    old = unit(90, 12, "b", wave="2024")
    members = enrolled(OPEN, released(Remembered(old, role, (11, 13))))
    assert list(members) == [OPEN.key, old.key]
    assert fate(members[old.key]) == expected
    assert (members[old.key].unit, members[old.key].grant) == (old, (11, 13))


def moved(now: Unit, old: Unit, role: Role = Role.SHOWN) -> tuple[Member, Member]:
    """Today's member, and the one of the earlier count, named after its release."""
    members = enrolled(now, released(Remembered(old, role, (old.events, old.events)), sequence=7))
    assert list(members) == [now.key, f"{now.key}@7"]
    return members[now.key], members[f"{now.key}@7"]


@pytest.mark.parametrize(
    ("n", "events", "few"),
    [
        (400, 61, True),  # one more yes, one less no
        (401, 60, True),  # one no more
        (399, 59, True),
        (480, 64, True),  # 4 yes and 76 no more: the yes are a small count
        (480, 65, False),  # 5 and 75
        (430, 86, True),  # 26 and 4
        (410, 65, True),  # 5 and 5: together fewer than 30
        (429, 74, True),  # 14 and 15
        (430, 74, False),  # 14 and 16
        (400, 85, False),  # 25 turned from no to yes
        (370, 46, False),  # 14 and 16 fewer
        (320, 55, False),
    ],
)
def test_a_count_that_moved_by_few_is_not_printed_beside_the_old_one(n: int, events: int, few: bool) -> None:
    now, old = moved(unit(n, events), OPEN)
    assert fate(old) == (Fate.KNOWN, True, False)
    assert now.fate is (Fate.BLANK if few else Fate.OPEN)
    if few:
        assert now.secret and now.unit.publish


@pytest.mark.parametrize(("count", "few"), [(41, True), (49, True), (50, False), (31, True), (30, False)])
def test_cases_that_moved_by_few_are_not_printed_again(count: int, few: bool) -> None:
    kind = {"cases": True, "threshold": 10}
    now, _ = moved(unit(count, count, **kind), unit(40, 40, **kind))
    assert (now.fate is Fate.BLANK) is few


def test_cases_are_the_same_where_their_number_is() -> None:
    kind = {"cases": True, "threshold": 10}
    cell = unit(40, 40, **kind)
    assert again(cell, cell, Role.SHOWN, (40, 40)).fate is Fate.KNOWN


@pytest.mark.parametrize("role", [Role.BLANK, Role.SECRET])
def test_an_old_blank_stays_blank_however_much_its_count_has_moved(role: Role) -> None:
    now, old = moved(unit(700, 200), OPEN, role)
    assert fate(now) == (Fate.BLANK, True, False)
    assert old.fate is Fate.BLANK


def test_a_count_that_moved_and_was_never_to_be_shown_is_judged_by_today() -> None:
    now, old = moved(unit(401, 61), LATENT, Role.LATENT)
    assert fate(now) == (Fate.OPEN, True, False)
    assert old.fate is Fate.BLANK


def test_a_count_that_went_back_to_what_was_printed_before_is_silent_and_not_taken_back() -> None:
    """Printed, printed again otherwise, and now as at first: it is known, and the difference would tell of few."""
    first, second = Remembered(OPEN, Role.SHOWN, (60, 60)), Remembered(unit(401, 61), Role.SHOWN, (61, 61))
    members = enrolled(OPEN, released(first), released(second, sequence=2))
    assert fate(members[OPEN.key]) == (Fate.KNOWN, True, True)
    assert members[OPEN.key].grant == (60, 60)


def test_what_must_stay_open_is_so_even_where_it_is_not_for_this_release_to_show() -> None:
    now, _ = moved(replace(LATENT, n=401, events=61), OPEN)
    assert now.unit.publish
    assert fate(now) == (Fate.BLANK, True, False)


def test_relations_of_an_earlier_release_speak_of_its_own_counts() -> None:
    total = unit(800, 120, "b")
    tie = Relation.sum_of(total.key, [OPEN.key, "elsewhere"])
    old = released(
        Remembered(unit(401, 61), Role.LATENT, (0, 0)), Remembered(total, Role.SHOWN, (120, 120)),
        sequence=3, relations=(tie,),
    )  # fmt: skip
    _, relations = enrol({OPEN.key: OPEN, total.key: total}, (tie,), POLICY, [old])
    assert relations == (tie, Relation.sum_of(total.key, [f"{OPEN.key}@3", "elsewhere"]))


def drawn(role: Role, place: str) -> EarlierRelease:
    """A release by other places of the wave, besides one that it does not show."""
    shown = unit(300, 40, place)
    return released(
        Remembered(shown, role, (40, 40)), Remembered(unit(200, 30, "elsewhere"), Role.LATENT, (0, 0))
    )


@pytest.mark.parametrize("role", [Role.SHOWN, Role.BLANK, Role.SECRET])
def test_a_wave_that_is_out_is_not_told_by_other_places(role: Role) -> None:
    other = unit(400, 60, "new")
    assert fate(enrolled(other, drawn(role, "old"))[other.key]) == (Fate.BLANK, True, False)


def test_a_wave_that_is_out_is_told_by_the_same_places() -> None:
    assert enrolled(OPEN, drawn(Role.SHOWN, "a"))[OPEN.key].fate is Fate.OPEN


def test_a_place_that_the_release_knew_without_showing_it_is_none_of_the_new() -> None:
    there = unit(200, 30, "elsewhere")
    assert enrolled(there, drawn(Role.SHOWN, "old"))[there.key].fate is Fate.OPEN


def test_another_wave_an_indicator_and_a_level_not_told_yet_have_their_own_places() -> None:
    for other in (
        unit(400, 60, "new", wave="2028"),
        unit(400, 60, "new", indicator="S08"),
        unit(400, 60, "new", level="district"),
    ):
        assert enrolled(other, drawn(Role.SHOWN, "old"))[other.key].fate is Fate.OPEN


def test_places_of_a_level_that_no_release_was_to_show_bind_nobody() -> None:
    other = unit(400, 60, "new")
    assert enrolled(other, drawn(Role.LATENT, "old"))[other.key].fate is Fate.OPEN
