"""The auditor's verdict on small publications; each was worked out by hand, as its note says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

from mapping.disclosure import audit
from mapping.errors import InputError

SUM = {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]}
SHARE = {"num": "a", "den": "n"}


@dataclass(frozen=True)
class Publication:
    """What is printed, what else is known, and the cells that leak (None: the publication contradicts itself)."""

    why: str
    cells: dict[str, float | None]
    relations: dict[str, Any]
    leaks: set[str] | None
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


def percent(value: float, decimals: int = 0, num: str = "a", den: str = "n") -> dict[str, Any]:
    return {"num": num, "den": den, "value": value, "decimals": decimals}


def limits(lo: float, hi: float, decimals: int = 1, **more: Any) -> dict[str, Any]:
    return {"num": "a", "den": "n", "lo": lo, "hi": hi, "decimals": decimals, **more}


BLANK = {"a": None, "b": None}
PUBLICATIONS = [
    Publication("20 - 17", {"a": 17, "b": None, "T": 20}, SUM, {"b"}, {"b": (3, 3)}),
    Publication("any split of 20", {**BLANK, "T": 20}, SUM, set(), {"a": (0, 20), "b": (0, 20)}),
    Publication("two blanks under 0", {**BLANK, "T": 0}, SUM, {"a", "b"}, {"a": (0, 0)}),
    Publication(
        "two blanks of at least 1 under 2", {**BLANK, "T": 2}, SUM, {"a", "b"}, options={"known_min": 1}
    ),
    Publication(
        "1 + 2 or 2 + 1", {**BLANK, "T": 3}, SUM, set(), {"a": (1, 2), "b": (1, 2)}, {"known_min": 1}
    ),
    Publication("a width of 2 is asked", {**BLANK, "T": 1}, {**SUM, "min_width": 2}, {"a", "b"}),
    Publication("5 can be reached", {**BLANK, "T": 5}, {**SUM, "reach_at_least": 5}, set()),
    Publication("5 cannot be reached", {**BLANK, "T": 4}, {**SUM, "reach_at_least": 5}, {"a", "b"}),
    Publication(
        "only a is sensitive", {**BLANK, "T": 4}, {**SUM, "reach_at_least": 5, "sensitive": []}, set()
    ),
    Publication(
        "a sensitive cell is printed", {"a": 3, "b": None, "T": None}, {**SUM, "sensitive": ["a"]}, {"a"}
    ),
    Publication("more than the total", {"a": 9, "b": None, "T": 5}, SUM, None),
    Publication("the sum does not hold", {"a": 1, "b": 2, "T": 5}, SUM, None),
    Publication("no one half", {"a": None, "T": 5}, {"relations": [{"terms": [["a", 2], ["T", -1]]}]}, None),
    Publication(
        "2 a <= T - 3 = 4: 0, 1 or 2",
        {"a": None, "T": 7},
        {"relations": [{"terms": [["a", 2], ["T", -1]], "sense": "<=", "rhs": -3}]},
        set(),
        {"a": (0, 2)},
    ),
    Publication(
        "a >= 6 with at most 6 known beforehand",
        {"a": None},
        {"relations": [{"terms": [["a", 1]], "sense": ">=", "rhs": 6}], "ub": 6},
        {"a"},
        {"a": (6, 6)},
    ),
    Publication(
        "a part no larger than the whole, both rounded: 8..12 and 9..11 beside it",
        {"a": None, "b": None},
        {
            "relations": [{"terms": [["a", 1], ["b", -1]], "sense": "<="}],
            "rounded": [{"cell": "a", "value": 10, "base": 5}, {"cell": "b", "value": 10, "base": 3}],
        },
        set(),
        {"a": (8, 11), "b": (9, 11)},
    ),
    Publication(
        "down and up around one number: 35..39 and 31..35",
        {"a": None},
        {
            "rounded": [
                {"cell": "a", "value": 35, "base": 5, "mode": "down"},
                {"cell": "a", "value": 35, "base": 5, "mode": "up"},
            ]
        },
        {"a"},
        {"a": (35, 35)},
    ),
    Publication(
        "rounded parts against an exact total: 8..12 and 8..12 under 16",
        {**BLANK, "T": 16},
        {**SUM, "rounded": [{"cell": c, "value": 10, "base": 5} for c in "ab"]},
        {"a", "b"},
        {"a": (8, 8)},
    ),
    Publication(
        "a large rounded number is no contradiction",
        {"a": None},
        {"rounded": [{"cell": "a", "value": 5000, "base": 10}]},
        set(),
    ),
    Publication(
        "2 of 40 alone prints 5.0", {"a": None, "n": 40}, {"percent": [percent(5.0, 1)]}, {"a"}, {"a": (2, 2)}
    ),
    Publication(
        "39, 40 or 41 of 400 print 10",
        {"a": None, "n": 400},
        {"percent": [percent(10)]},
        set(),
        {"a": (38, 42)},
    ),
    Publication("no n of 10 prints 33", {"a": None, "n": 10}, {"percent": [percent(33)]}, None),
    Publication("0 % of 30: nobody", {"a": None, "n": 30}, {"percent": [percent(0)]}, {"a"}, {"a": (0, 0)}),
    Publication("0 % of 300: 0 or 1", {"a": None, "n": 300}, {"percent": [percent(0)]}, set(), {"a": (0, 1)}),
    Publication(
        "33 and 14 per cent of one base of at most 30: 21 alone has both 7/21 and 3/21",
        {"a": None, "b": None, "n": None},
        {"percent": [percent(33.3, 1), percent(14.3, 1, "b")], "nmax": 30},
        {"a", "b", "n"},
        {"n": (21, 21), "a": (7, 7), "b": (3, 3)},
    ),
    Publication(
        "33.3 per cent alone: 1 of 3 to 10 of 30",
        {"a": None, "n": None},
        {"percent": [percent(33.3, 1)], "nmax": 30},
        set(),
        {"a": (1, 10), "n": (3, 30)},
    ),
    Publication(
        "a ratio above one hundred", {"a": None, "n": 10}, {"percent": [percent(120)]}, {"a"}, {"a": (12, 12)}
    ),
    Publication(
        "Wilson's 1.4 to 16.5: 2 of 40",
        {"a": None, "n": None},
        {"wilson": [limits(1.4, 16.5)]},
        {"a", "n"},
        {"n": (40, 40)},
    ),
    Publication(
        "Wald's -1.8 to 11.8 of 40, not cut at 0: 2",
        {"a": None, "n": 40},
        {"wald": [limits(-1.8, 11.8)]},
        {"a"},
        {"a": (2, 2)},
    ),
    Publication(
        "Wald's limits of 2 of 40 cut at 0",
        {"a": None, "n": 40},
        {"wald": [limits(0, 11.8)]},
        {"a"},
        {"a": (2, 2)},
    ),
    Publication(
        "no count of 40 has these limits", {"a": None, "n": 40}, {"wilson": [limits(3.0, 4.0)]}, None
    ),
    Publication(
        "all of a group of 12",
        {"a": None, "b": 0, "T": 12},
        {**SUM, "groups": [{"num": "a", "den": "T", "which": "all"}], "sensitive": []},
        {"a"},
    ),
    Publication(
        "nobody of 12, where only everybody is asked after",
        {"a": 0, "b": None, "T": 12},
        {**SUM, "groups": [{"num": "a", "den": "T", "which": "all"}], "sensitive": []},
        set(),
    ),
    Publication(
        "nobody of 12",
        {"a": 0, "b": None, "T": 12},
        {**SUM, "groups": [{"num": "a", "den": "T"}], "sensitive": []},
        {"a"},
    ),
    Publication(
        "an empty group is none",
        {"a": 0, "b": 0, "T": 0},
        {**SUM, "groups": [{"num": "a", "den": "T"}], "sensitive": []},
        set(),
    ),
    Publication(
        "a group below the size asked",
        {"a": None, "b": 0, "T": 4},
        {**SUM, "groups": [{"num": "a", "den": "T", "min_den": 5}], "sensitive": []},
        set(),
    ),
    Publication(
        "how many there are is not known, but all of them have it",
        {"a": None, "b": 0, "T": None},
        {**SUM, "groups": [{"num": "a", "den": "T", "which": "all"}], "sensitive": []},
        {"a"},
    ),
    Publication(
        "fractions: T = 2 a leaves a = 2.5",
        {"a": None, "T": 5},
        {"relations": [{"terms": [["a", 2], ["T", -1]]}], "integer": False},
        {"a"},
        {"a": (2.5, 2.5)},
    ),
    Publication(
        "fractions: 2 a + b = 1 with b up to 1",
        {"a": None, "b": None},
        {
            "relations": [{"terms": [["a", 2], ["b", 1]], "rhs": 1}],
            "integer": False,
            "min_width": 0.5,
        },
        set(),
        {"a": (0, 0.5), "b": (0, 1)},
    ),
    Publication(
        "whole numbers: 2 a + 2 b = c + 7 with c = 1",
        {"a": None, "b": None, "c": 1},
        {"relations": [{"terms": [["a", 2], ["b", 2], ["c", -1]], "rhs": 7}]},
        set(),
        {"a": (0, 4), "b": (0, 4)},
    ),
]


def frame(cells: dict[str, float | None], **columns: dict[str, float]) -> pd.DataFrame:
    out = pd.DataFrame({"cell": list(cells), "value": list(cells.values())})
    return out.assign(**{name: out["cell"].map(values) for name, values in columns.items()})


@pytest.mark.parametrize("publication", PUBLICATIONS, ids=lambda p: p.why)
def test_the_verdict_is_that_of_the_hand(publication: Publication) -> None:
    verdict = audit(frame(publication.cells), publication.relations, **publication.options)
    assert verdict.contradiction == (publication.leaks is None)
    assert verdict.exit_code == (2 if publication.leaks is None else int(bool(publication.leaks)))
    assert set(verdict.leaks) == (publication.leaks or set())
    assert verdict.intervals | publication.intervals == verdict.intervals


def test_what_anybody_knows_beforehand_narrows_a_cell() -> None:
    """T = 10 with a of at most 6 (a register says so) and b of at most 5: 5..6 and 4..5."""
    cells = frame({**BLANK, "T": 10}, hi={"a": 6, "b": 5})
    assert audit(cells, SUM).intervals == {"a": (5, 6), "b": (4, 5)}
    assert audit(frame({**BLANK, "T": 10}, lo={"a": 4}, hi={"b": 6}), SUM).intervals == {
        "a": (4, 10),
        "b": (0, 6),
    }


def test_a_figure_outside_what_anybody_knows_contradicts() -> None:
    assert audit(frame({"a": 9, "b": None, "T": 12}, hi={"a": 6}), SUM).contradiction


def test_protection_is_asked_for_below_and_above_the_truth() -> None:
    """a lies in 0..6: 2 below and 4 above 2 are there; 5 above are not."""
    cells = frame({**BLANK, "T": 6})
    for lpl, upl, leaks in ((2, 4, set()), (2, 5, {"a"})):
        truth = frame({"a": 2, "b": 4, "T": 6}, lpl={"a": lpl}, upl={"a": upl})
        assert set(audit(cells, SUM, truth=truth).leaks) == leaks
    below = frame({"a": 2, "b": 4, "T": 6}, lpl={"b": 2})
    assert set(audit(frame({**BLANK, "T": 6}, lo={"b": 3}), SUM, truth=below).leaks) == set()
    capped = frame({**BLANK, "T": 6}, hi={"a": 3})
    assert set(audit(capped, SUM, truth=below).leaks) == {"b"}  # b >= 3 follows, 2 is asked


def test_protection_goes_no_farther_than_what_is_known_beforehand() -> None:
    truth = frame({"a": 1, "b": 5, "T": 6}, lpl={"a": 1, "b": 1})
    assert audit(frame({**BLANK, "T": 6}), SUM, truth=truth, known_min=1).safe


def test_the_only_person_in_a_cell_subtracts_herself() -> None:
    """T = 1 + b + c: she knows b + c = 4 and nothing more; with c printed she knows b."""
    relations = {"relations": [{"terms": [["a", 1], ["b", 1], ["c", 1], ["T", -1]]}]}
    truth = frame({"a": 1, "b": 3, "c": 1, "T": 5})
    assert audit(frame({**BLANK, "c": None, "T": 5}), relations, truth=truth, insider="a").safe
    verdict = audit(frame({**BLANK, "c": 1, "T": 5}), relations, truth=truth, insider="a")
    assert verdict.leaks == {"b": "it is 3 (to the person in a)"}


def test_each_single_person_is_tried_in_turn_and_so_is_the_outsider() -> None:
    truth = frame({"a": 4, "b": 2, "T": 6})
    assert audit(frame({"a": 4, "b": None, "T": 6}), SUM, truth=truth, insider="ALLONES").leaks == {
        "b": "it is 2"
    }


@pytest.mark.parametrize(
    ("relations", "options", "message"),
    [
        ({"percent": [{"num": "a", "value": 3}]}, {}, "'den' is missing"),
        ({"rounded": [{"cell": "gone", "value": 3, "base": 5}]}, {}, "no row"),
        ({"groups": [{"num": "a", "den": "T", "which": "most"}]}, {}, "'which' cannot be"),
        ({"relations": [{"terms": [["a", 1]], "sense": "<"}]}, {}, "'sense' cannot be"),
        ({"sensitive": ["gone"]}, {}, "no row"),
        (SUM, {"insider": "a"}, "give the truth"),
        (SUM, {"insider": "b", "truth": frame({"a": 2, "b": 4, "T": 6})}, "more or fewer than one person"),
        (SUM, {"truth": frame({"a": 2, "b": 3, "T": 6})}, "does not agree"),
        (SUM, {"truth": frame({"a": 2, "T": 6})}, "has no value"),
        (
            {"wilson": [limits(1.4, 16.5, den="T")]},
            {"truth": frame({"a": 3, "b": 3, "T": 6})},
            "does not agree",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(
    relations: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        audit(frame({**BLANK, "T": None}), relations, **options)
