"""Weights of a wave: the engine's, by every method; sparse margins joined, weights trimmed, failures told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.design_columns import DesignColumns
from mapping.concepts.responses import Responses
from mapping.concepts.wave import SurveyFile, Wave
from mapping.errors import EstimationError
from mapping.estimate.design_based import prevalence
from mapping.estimate.weighting import START, weigh

REGISTER = {  # school, grade: girls, boys
    ("a", "8"): (60, 70), ("a", "9"): (50, 40), ("b", "8"): (30, 30), ("b", "9"): (80, 90), ("c", "8"): (20, 40),
}  # fmt: skip


def wave(**columns: Any) -> Wave:
    design = DesignColumns(school="skola", frame="frame.csv", **columns)
    return Wave("2026", "Ung", ("", ""), "", "enrolled", SurveyFile("ung.csv"), Path(), design)


def town(answered: dict[tuple[str, str], tuple[int, int]], **columns: Any) -> Responses:
    """Respondents and register; `answered` counts girls and boys by school and grade."""
    people = [
        {"psu": school, "grade": grade, "sex": sex}
        for (school, grade), counts in answered.items()
        for sex, n in zip(("girl", "boy"), counts, strict=True)
        for _ in range(n)
    ]
    frame = pd.DataFrame(people).assign(area="A")
    frame["respondent"] = [f"r{i}" for i in range(len(frame))]
    rows = [
        {"psu": s, "grade": g, "sex": sex, "registered": n, "present": n}
        for (s, g), counts in REGISTER.items()
        for sex, n in zip(("girl", "boy"), counts, strict=True)
    ]
    found = frame.groupby(["psu", "grade", "sex"]).size().rename("answered").reset_index()
    response = pd.DataFrame(rows).merge(found, how="left").fillna({"answered": 0})
    pupils = response.groupby("psu")["registered"].sum()
    frame = frame.assign(n_schools=3, n_registered=frame["psu"].map(pupils))
    return Responses(wave(**columns), frame, response)


USUAL = {
    ("a", "8"): (20, 10),
    ("a", "9"): (8, 9),
    ("b", "8"): (10, 6),
    ("b", "9"): (9, 30),
    ("c", "8"): (9, 7),
}
METHODS = [
    {},
    {"calibrate": "poststratify"},
    {"calibrate": "raking"},
    {"calibrate": "linear"},
    {"calibrate": "linear", "bounds": (0.3, 3.0)},
    {"calibrate": "logit", "bounds": (0.3, 3.0)},
    {"trim": 3.0},
    {"calibrate": "raking", "trim": 2.0},
]


@pytest.mark.parametrize("columns", METHODS)
def test_weights_add_up_to_the_register_by_every_method(columns: dict[str, Any]) -> None:
    found = weigh(town(USUAL, **columns)).frame

    assert found.groupby("sex")["weight"].sum().to_dict() == pytest.approx({"girl": 240, "boy": 270})
    assert found.groupby("grade")["weight"].sum().to_dict() == pytest.approx({"8": 250, "9": 260})
    assert (found["weight"] > 0).all()


@pytest.mark.parametrize("columns", METHODS)
@pytest.mark.parametrize("target", ["pupils", "risk"])
def test_both_designs_carry_an_estimate_by_every_method(columns: dict[str, Any], target: str) -> None:
    made = weigh(town(USUAL, **columns))
    frame = made.frame.assign(yes=np.where(made.frame["sex"] == "girl", 1.0, 0.0))

    (row,) = prevalence(frame, made.wave.design(target), ["yes"]).to_dict("records")

    assert row["estimate"] == pytest.approx(240 / 510)
    assert row["se"] > 0


def test_the_default_is_post_stratification_by_grade_and_sex() -> None:
    """By hand. Girls of grade 8: starts 130/30, 60/16, 60/16 for 20, 10 and 9; scaled to 110."""
    found = weigh(town(USUAL)).frame
    start = 20 * 130 / 30 + 10 * 60 / 16 + 9 * 60 / 16
    girls = found[(found["sex"] == "girl") & (found["grade"] == "8") & (found["psu"] == "a")]

    assert girls[START].tolist() == pytest.approx([130 / 30] * 20)
    assert girls["weight"].tolist() == pytest.approx([130 / 30 * 110 / start] * 20)


def test_bounds_hold() -> None:
    narrow = {**USUAL, ("a", "8"): (28, 2), ("b", "8"): (14, 2), ("c", "8"): (14, 4), ("b", "9"): (30, 20)}
    free = weigh(town(narrow, calibrate="raking")).frame
    highest = (free["weight"] / free[START]).max()
    for method in ("linear", "raking", "logit"):
        bounded = weigh(town(narrow, calibrate=method, bounds=(0.4, highest * 0.99))).frame
        factors = bounded["weight"] / bounded[START]
        assert factors.between(0.4, highest * 0.99 + 1e-9).all()


def test_bounds_without_a_solution_are_an_error_with_the_remedy() -> None:
    with pytest.raises(
        EstimationError, match=r"wave.toml of 2026 \[design\].*logit does not succeed.*Widen 'bounds'"
    ):
        weigh(
            town({**USUAL, ("a", "8"): (29, 3), ("b", "8"): (29, 3)}, calibrate="logit", bounds=(0.95, 1.05))
        )


def test_negative_weights_are_an_error_with_the_remedy() -> None:
    lopsided = {("a", "8"): (30, 6), ("a", "9"): (6, 6)}
    made = town(lopsided, weights="vikt", calibrate="linear")
    made = replace(made, frame=made.frame.assign(weight=1.0))
    register = made.response[made.response["psu"] == "a"].assign(registered=[1, 6, 6, 600])
    with pytest.raises(EstimationError, match=r"weights negative.*raking"):
        weigh(replace(made, response=register))


def heavy(trim: float = 0.0, rows: tuple[int, ...] = (0, 1, 2, 3, 4, 60)) -> Responses:
    """Given weights, eight times as large for a few, calibrated to the register."""
    made = town(USUAL, weights="vikt", calibrate="poststratify", trim=trim)
    weights = np.where(made.frame.index.isin(rows), 8.0, 1.0)
    return weigh(replace(made, frame=made.frame.assign(weight=weights)))


def test_trimming_keeps_the_totals_and_says_what_it_moved() -> None:
    before, made = heavy(), heavy(3.0)
    limit = 3.0 * before.frame["weight"].median()

    assert before.frame["weight"].max() > limit
    assert made.frame["weight"].max() <= limit * (1 + 1e-5)
    cells = [frame.groupby(["grade", "sex"])["weight"].sum() for frame in (before.frame, made.frame)]
    pd.testing.assert_series_equal(*cells, rtol=1e-6)
    (note,) = [note for note in made.notes if note.startswith("Trimming")]
    moved = (before.frame["weight"] - made.frame["weight"]).abs().sum() / 2 / before.frame["weight"].sum()
    cut = (before.frame["weight"] > limit).sum()
    assert f"{cut} of 118 weights stood above 3 times the median" in note
    assert f"{100 * moved:.1f} per cent" in note


def test_few_trimmed_weights_are_not_counted_out_in_a_note() -> None:
    assert any("fewer than 5 of 118" in note for note in heavy(3.0, (0, 1)).notes)


def test_a_limit_below_what_the_totals_need_is_an_error() -> None:
    with pytest.raises(EstimationError, match=r"no weights below 1.05 times the median \(trim\) meet"):
        weigh(town({**USUAL, ("b", "9"): (2, 60), ("a", "9"): (2, 20)}, trim=1.05))


def test_a_school_that_stayed_away_is_carried_by_the_others_and_told() -> None:
    made = weigh(town({key: n for key, n in USUAL.items() if key[0] != "c"}))

    assert made.frame["weight"].sum() == pytest.approx(510)
    assert any(note.startswith("A few of 3 schools have no answers at all") for note in made.notes)


def test_a_cell_of_few_that_would_have_to_grow_greatly_is_joined_and_told() -> None:
    sparse = {**USUAL, ("a", "9"): (0, 17), ("b", "9"): (1, 38)}
    found = weigh(town(sparse))

    assert any("too few, in a grade" in note for note in found.notes)
    nine = found.frame[found.frame["grade"] == "9"]
    assert nine["weight"].sum() == pytest.approx(260)
    assert nine.groupby("sex")["weight"].sum()["girl"] < 20  # one girl does not stand for 130


def test_a_sparse_level_of_a_margin_is_joined_and_told() -> None:
    made = town({key: n for key, n in USUAL.items() if key[1] == "8"}, calibrate="raking")
    found = weigh(made)

    assert found.frame["weight"].sum() == pytest.approx(510)
    assert any("Margin 'grade': level '9'" in note and "joined with '8'" in note for note in found.notes)


def test_another_sex_weighs_as_the_average_by_raking_as_well() -> None:
    made = town(USUAL, calibrate="raking")
    other = made.frame.iloc[[0]].assign(sex="other", respondent="x")
    found = weigh(replace(made, frame=pd.concat([made.frame, other], ignore_index=True))).frame

    assert found["weight"].sum() == pytest.approx(510)
    assert found.loc[found["sex"] == "other", "weight"].tolist() == pytest.approx([250 / 63])


def test_given_weights_stand_unless_they_are_to_be_calibrated() -> None:
    given = town(USUAL, weights="vikt")
    given = replace(given, frame=given.frame.assign(weight=2.0))
    assert weigh(given) is given

    asked = replace(given, wave=wave(weights="vikt", calibrate="raking"))
    found = weigh(asked).frame
    assert set(found[START]) == {2.0}
    assert found["weight"].sum() == pytest.approx(510)


def test_widely_spread_weights_are_told() -> None:
    made = weigh(
        town({**USUAL, ("b", "9"): (9, 80), ("a", "9"): (1, 1), ("c", "8"): (5, 1)}, calibrate="raking")
    )
    told = any(note.startswith("Weights differ widely") for note in made.notes)
    weights = made.frame["weight"]
    assert told == (len(weights) * (weights**2).sum() / weights.sum() ** 2 >= 2)


def test_weights_never_depend_on_the_order_of_respondents() -> None:
    made = town(USUAL, calibrate="logit", bounds=(0.3, 3.0), trim=3.0)
    turned = replace(made, frame=made.frame.iloc[::-1])

    one, other = weigh(made).frame.set_index("respondent"), weigh(turned).frame.set_index("respondent")
    pd.testing.assert_series_equal(one["weight"], other["weight"].reindex(one.index), rtol=1e-9)
