"""Removal abroad as a flow: a person counts once, moves between states within a year, and steps have their days."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

from mapping import codebook
from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import protect, read_policy
from mapping.disclosure.protected import Status
from mapping.errors import EstimationError
from mapping.estimate.cases.removal import (
    CLASSES,
    NEW,
    STATES,
    flow_relations,
    flow_rests,
    kept_days,
    removal_fields,
    removal_flow,
    step_days,
)

FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 12, 31)


def told(text: str) -> pd.DataFrame:
    """Events written as ``person state day`` a line."""
    rows = [line.split() for line in text.strip().splitlines()]
    return pd.DataFrame(rows, columns=["person", "state", "day"])


WHOLE = told("""
    anna risk     2025-02-01
    anna abroad   2025-06-20
    anna returned 2025-09-01
    bea  risk     2025-03-01
    cleo abroad   2024-07-01
    dia  returned 2024-08-01
    eva  unknown  2025-11-01
    eva  abroad   2026-01-15
""")


def test_a_person_who_moves_counts_once_as_a_person_and_once_in_each_state() -> None:
    flow = removal_flow(WHOLE, FIRST, LAST)
    assert flow.persons == 4  # dia had come back before the year
    assert flow.ever == {"risk": 2, "abroad": 2, "returned": 1, "unknown": 1}


def test_states_at_the_end_add_up_to_the_persons() -> None:
    flow = removal_flow(WHOLE, FIRST, LAST)
    assert flow.end == {"risk": 1, "abroad": 1, "returned": 1, "unknown": 1}
    assert sum(flow.end.values()) == sum(flow.start.values()) == flow.persons


def test_who_was_abroad_when_the_year_began_is_carried_into_it() -> None:
    flow = removal_flow(WHOLE, FIRST, LAST)
    assert (flow.start["abroad"], flow.start[NEW]) == (1, 3)


def test_moves_are_counted_by_person() -> None:
    to_and_fro = told("a risk 2025-01-02\na abroad 2025-02-01\na risk 2025-03-01\na abroad 2025-04-01")
    assert removal_flow(to_and_fro, FIRST, LAST).moves == {
        (NEW, "risk"): 1, ("risk", "abroad"): 1, ("abroad", "risk"): 1,
    }  # fmt: skip


def test_what_happens_after_the_year_is_not_in_it() -> None:
    flow = removal_flow(WHOLE, FIRST, LAST)
    assert ("unknown", "abroad") not in flow.moves
    assert removal_flow(WHOLE, dt.date(2026, 1, 1), dt.date(2026, 12, 31)).moves == {("unknown", "abroad"): 1}


def test_the_same_state_written_twice_is_no_move() -> None:
    twice = told("a risk 2025-01-02\na risk 2025-02-01\na risk 2025-02-01")
    assert removal_flow(twice, FIRST, LAST).moves == {(NEW, "risk"): 1}


def test_the_order_of_rows_changes_nothing() -> None:
    assert removal_flow(WHOLE.iloc[::-1], FIRST, LAST).moves == removal_flow(WHOLE, FIRST, LAST).moves


def test_nobody_is_a_flow_of_zeros() -> None:
    flow = removal_flow(WHOLE.iloc[:0], FIRST, LAST)
    assert flow.persons == 0
    assert flow.ever == dict.fromkeys(STATES, 0)


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(EstimationError, match="no state of a removal"):
        removal_flow(told("a lost 2025-01-02"), FIRST, LAST)


def test_who_is_still_abroad_lengthens_the_median_stay() -> None:
    ended = told("a abroad 2025-01-01\na returned 2025-01-31\nb abroad 2025-01-01\nb returned 2025-03-02")
    assert kept_days(ended, LAST) == 30
    still = pd.concat([ended, told("c abroad 2025-01-01")])
    assert kept_days(still, LAST) == 60
    assert math.isnan(kept_days(pd.concat([still, told("d abroad 2025-01-01\ne abroad 2025-01-01")]), LAST))


PERSONS = pd.DataFrame(
    {
        "person": list("abcdef"),
        "absent_from": ["2025-06-01"] * 5 + [None],
        "police": ["2025-05-30", "2025-06-08", "2025-06-09", "2025-12-01", None, "2025-06-01"],
        "school": ["2025-06-01"] * 6,
    }
)


def test_days_to_each_step_are_counted_in_classes_that_add_up() -> None:
    found = step_days(PERSONS).set_index("step")
    counted = found.loc["police", [*CLASSES, "later", "not_taken"]]
    assert counted.to_dict() == {
        "before": 1, "week": 1, "month": 1, "quarter": 0, "later": 1, "not_taken": 1,
    }  # fmt: skip
    assert (found["n"] == 5).all()  # the first day away of the sixth is not known
    assert found.loc["school", "before"] == 5


def test_median_and_range_are_of_those_for_whom_the_step_was_taken() -> None:
    police = step_days(PERSONS).set_index("step").loc["police"]
    assert (police["median"], police["low"], police["high"]) == (7.5, -2, 183)


def test_limits_of_classes_are_inclusive() -> None:
    days = [0, 1, 7, 8, 30, 31, 91, 92]
    frame = pd.DataFrame({"absent_from": pd.Timestamp("2025-01-01")}, index=range(len(days)))
    frame["report"] = frame["absent_from"] + pd.to_timedelta(days, unit="D")
    assert step_days(frame).loc[0, [*CLASSES, "later"]].tolist() == [1, 2, 2, 2, 1]


def rows_of(text: str, **days: list[str | None]) -> pd.DataFrame:
    """Rows of an extract: ``person state opened`` a line, and further days by column."""
    rows = [line.split() for line in text.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=["person", "removal_state", "opened"])
    frame["opened"] = pd.to_datetime(frame["opened"])
    return frame.assign(**{name: pd.to_datetime(pd.Series(values)) for name, values in days.items()})


EXTRACT = """
    anna risk     2025-02-01
    anna abroad   2025-06-20
    bea  abroad   2025-03-01
    cleo skipped  2025-03-01
"""


def test_a_persons_states_and_moves_become_fields_of_the_codebook() -> None:
    found = removal_fields(rows_of(EXTRACT), FIRST, LAST)
    assert list(found.index) == ["anna", "bea"]  # of cleo no state is told
    assert found.loc["anna", ["removal_was_risk", "removal_was_abroad", "removal_was_returned"]].tolist() == [
        "yes", "yes", "no",
    ]  # fmt: skip
    assert found["removal_move_risk_abroad"].tolist() == ["yes", "no"]
    assert found["removal_move_new_abroad"].tolist() == ["no", "yes"]


def test_a_state_holds_from_its_own_day_where_the_extract_tells_it() -> None:
    later = rows_of(EXTRACT, state_from=["2026-02-01", None, None, None])
    assert removal_fields(later, FIRST, LAST).loc["anna", "removal_was_risk"] == "no"


def test_steps_are_taken_within_a_week_later_or_not() -> None:
    rows = rows_of(
        EXTRACT,
        absence_from=["2025-06-01", None, "2025-06-01", "2025-06-01"],
        step_police=["2025-06-20", "2025-06-08", None, "2025-06-09"],
    )
    found = removal_fields(rows, FIRST, LAST)["days_police"]
    assert found.to_dict() == {"anna": "week", "bea": "not_taken", "cleo": "later"}


def test_what_an_extract_does_not_hold_has_no_column() -> None:
    assert list(removal_fields(rows_of(EXTRACT).drop(columns="removal_state"), FIRST, LAST)) == []


def test_the_codebook_counts_moves_and_steps_and_they_add_up() -> None:
    entries = codebook.load()
    rows = rows_of(
        EXTRACT, absence_from=["2025-06-01"] * 4, step_police=["2025-06-02", None, None, "2025-07-01"]
    )
    units = removal_fields(rows, FIRST, LAST).fillna("skipped").assign(reason_removal="yes")
    answers = codebook.evaluate(entries, units)
    yes = answers.eq("yes").sum()
    assert (yes["K08.risk_abroad"], yes["K08.new_abroad"], yes["K08.was_abroad"]) == (1, 1, 2)
    assert yes["K08.police_week"] + yes["K08.police_later"] + yes["K08.police_not"] == 3
    assert all(
        entries[id_].finest == "municipality" for id_ in ("K08.police_week", "K08.was_risk", "K08.absent")
    )


PATHS = """
    a risk     2025-01-10
    a abroad   2025-02-10
    a returned 2025-03-10
    b abroad   2025-01-10
    b returned 2025-02-10
    b risk     2025-03-10
    b abroad   2025-04-10
    c abroad   2024-06-10
    c returned 2025-02-10
    d risk     2025-01-10
    d unknown  2025-02-10
    e returned 2025-02-10
"""


def test_nobody_comes_into_a_state_by_two_moves() -> None:
    found = removal_fields(rows_of(PATHS), FIRST, LAST)
    assert found.loc["b", "removal_move_new_abroad"] == "yes"
    assert found.loc["b", "removal_move_risk_abroad"] == "no"
    assert found["removal_state"].to_dict() == {
        "a": "returned", "b": "abroad", "c": "returned", "d": "unknown", "e": "returned",
    }  # fmt: skip


def cells_of(rows: pd.DataFrame) -> dict[str, int]:
    units = removal_fields(rows, FIRST, LAST).fillna("skipped").assign(reason_removal="yes")
    yes = codebook.evaluate(codebook.load(), units).eq("yes").sum()
    return {
        f"2026|{id_}|municipality|0199|all": int(n) for id_, n in yes.items() if str(id_).startswith("K08")
    }


def test_what_is_said_to_add_up_does_whatever_happened() -> None:
    # law: random paths of 300 persons, several years and steps
    rng = np.random.default_rng(5)
    names = rng.integers(0, 300, 900)
    days = pd.Timestamp("2024-06-01") + pd.to_timedelta(rng.integers(0, 700, 900), unit="D")
    rows = pd.DataFrame(
        {"person": names.astype(str), "removal_state": rng.choice(STATES, 900), "opened": days}
    )
    rows["absence_from"] = (days + pd.Timedelta(days=3)).where(rng.random(900) < 0.6)
    for name in ("reported", "step_police", "step_ban"):
        rows[name] = (days + pd.to_timedelta(rng.integers(-9, 60, 900), unit="D")).where(
            rng.random(900) < 0.5
        )
    cells = cells_of(rows)
    relations = flow_relations(cells)
    assert len(relations) == 3 + len(STATES) + 5
    for relation in relations:
        left = sum(coefficient * cells[key] for key, coefficient in relation.terms)
        assert left == 0 if relation.sense == "=" else left <= 0


def test_a_step_that_few_waited_for_cannot_be_had_by_subtraction() -> None:
    counts = {"K08": 90, "K08.absent": 80, "K08.police_week": 40, "K08.police_later": 35, "K08.police_not": 5}
    rows = [
        {"wave": "2026", "indicator": id_, "level": "municipality", "area": "0199", "target": "cases",
         "sensitivity": 4, "n": n, "events": n}
        for id_, n in counts.items()
    ]  # fmt: skip
    frame = EstimateTable.from_frame(pd.DataFrame(rows)).frame
    table = EstimateTable.from_frame(frame, flow_relations(set(frame["key"])))
    shown = {f.indicator for f in protect([table], read_policy()) if f.status is Status.SHOWN}
    assert "K08.police_not" not in shown
    assert not {"K08.absent", "K08.police_week", "K08.police_later"} <= shown


def flow_of(counts: dict[str, int]) -> set[str]:
    """The parts of a flow that are shown, behind the gate with all that adds up."""
    rows = [
        {"wave": "2026", "indicator": id_, "level": "municipality", "area": "0199", "target": "cases",
         "sensitivity": 4, "n": n, "events": n}
        for id_, n in counts.items()
    ]  # fmt: skip
    frame = EstimateTable.from_frame(pd.DataFrame(rows)).frame
    rests, relations = flow_rests(frame, flow_relations(set(frame["key"])))
    table = EstimateTable.from_frame(pd.concat([frame, rests], ignore_index=True), relations)
    return {f.indicator for f in protect([table], read_policy()) if f.status is Status.SHOWN}


def test_how_few_left_a_state_cannot_be_had_by_subtraction() -> None:
    # 45 were at risk and 41 still are: 4 are not
    assert not {"K08.was_risk", "K08.risk"} <= flow_of({"K08": 90, "K08.was_risk": 45, "K08.risk": 41})
    assert {"K08.was_risk", "K08.risk"} <= flow_of({"K08": 90, "K08.was_risk": 65, "K08.risk": 41})


def test_those_in_no_part_are_a_row_of_their_own_that_is_never_shown() -> None:
    frame = EstimateTable.from_frame(
        pd.DataFrame(
            {"wave": "2026", "indicator": ["K08", "K08.was_risk", "K08.risk"], "level": "municipality",
             "area": "0199", "target": "cases", "sensitivity": 4, "n": [9, 5, 2], "events": [9, 5, 2]}
        )
    ).frame  # fmt: skip
    rests, relations = flow_rests(frame, flow_relations(set(frame["key"])))
    assert rests[["group", "events"]].to_numpy().tolist() == [["not_risk", 3]]
    assert not rests["publish"].any()
    (relation,) = relations
    assert (relation.sense, len(relation.terms)) == ("=", 3)
