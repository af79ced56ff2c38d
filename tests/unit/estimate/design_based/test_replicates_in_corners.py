"""Replicate weights where domains are many or lose all answers, where weights are small, and raking round by round."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import calibrate, mean, prevalence, replicates, total
from mapping.estimate.design_based.replicated import _rank

SCHOOLS = SurveyDesign(psu="c", weights="w")


def jackknife(frame: pd.DataFrame, kind: str, here: np.ndarray | None = None) -> float:
    """The variance with one school after the other left out; a replicate without a value does not count."""
    here = np.ones(len(frame), bool) if here is None else here
    schools = frame["c"].unique()
    m, found = len(schools), []
    for left in schools:
        inside = here & (frame["c"] != left).to_numpy() & frame["y"].notna().to_numpy()
        w, y = frame["w"].to_numpy()[inside] * m / (m - 1), frame["y"].to_numpy()[inside]
        if kind == "total":
            found.append((w * y).sum())
        elif inside.any():
            found.append((w * y).sum() / w.sum())
    theta = np.array(found)
    return float((m - 1) / m * ((theta - theta.mean()) ** 2).sum())


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e-9])
@pytest.mark.parametrize("silent", [(), (7,), (0, 1), (0, 1, 2, 7)])
def test_replicates_whatever_the_unit_of_the_weights_and_whoever_is_silent(
    scale: float, silent: tuple[int, ...]
) -> None:
    # school 1 holds the rows 0 to 2; of the domain a it is all but the row 4
    frame = pd.DataFrame({"c": [1, 1, 1, 2, 2, 3, 3, 4], "g": [*"aaababbb"]})
    frame["w"] = np.array([0.1, 0.2, 0.3, 1.5, 0.7, 2.0, 1.0, 0.6]) * scale
    frame["y"] = [1.0, 4.0, 2.0, 3.0, 0.0, 5.0, 2.0, 7.0]
    frame.loc[list(silent), "y"] = np.nan
    made = replicates(frame, SCHOOLS, "jk1")
    for name, function in (("mean", mean), ("total", total)):
        table = function(frame, made, "y", "g").set_index("g")
        for level in "ab":
            wanted = jackknife(frame, name, (frame["g"] == level).to_numpy())
            assert table.loc[level, "se"] ** 2 == pytest.approx(wanted, rel=1e-9), (name, level)


def test_a_replicate_in_which_all_who_answered_are_left_out_does_not_count() -> None:
    # .1 + .2 + .3 less .3 less .1 less .2 is not 0 in floating point
    frame = pd.DataFrame({"c": [1, 2, 2, 2, 3], "w": [5.0, 0.3, 0.1, 0.2, 1.0], "g": [*"aaaab"]})
    frame["y"] = [3.0, np.nan, np.nan, np.nan, 1.0]
    row = mean(frame, replicates(frame, SCHOOLS, "jk1"), "y", "g").iloc[0]
    assert (row["estimate"], row["se"]) == (3.0, 0.0)


def test_given_replicates_in_which_only_the_silent_have_a_weight_do_not_count() -> None:
    # the weights of all and those of the silent are added in other orders, and may differ by a rounding
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"w": np.ones(200), "y": rng.integers(0, 5, 200).astype(float)})
    silent = np.arange(7, 200, 23)
    frame.loc[silent, "y"] = np.nan
    weights = rng.uniform(0.5, 2, (200, 5))
    only = np.zeros((200, 40))
    only[silent] = rng.uniform(0.1, 0.9, (silent.size, 40))
    columns = pd.DataFrame(np.column_stack([weights, only])).add_prefix("r")
    design = SurveyDesign(weights="w", repweights={"columns": list(columns), "scale": 0.5})
    answered = frame["y"].notna().to_numpy()
    theta = (weights * frame["y"].fillna(0.0).to_numpy()[:, None]).sum(axis=0) / weights[answered].sum(axis=0)
    wanted = 0.5 * ((theta - theta.mean()) ** 2).sum()
    found = mean(pd.concat([frame, columns], axis=1), design, "y").loc[0, "se"] ** 2
    assert found == pytest.approx(wanted)


def test_many_domains_of_few_schools() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"c": np.repeat(np.arange(60), 3), "w": rng.uniform(1, 3, 180).round(1)})
    frame["g"], frame["y"] = frame["c"] // 2, rng.integers(0, 5, 180).astype(float)
    table = mean(frame, replicates(frame, SCHOOLS, "jk1"), "y", "g").set_index("g")
    for level in (0, 11, 29):
        wanted = jackknife(frame, "mean", (frame["g"] == level).to_numpy())
        assert table.loc[level, "se"] ** 2 == pytest.approx(wanted, rel=1e-9)


def test_margins_whose_order_is_the_reverse_of_the_cells() -> None:
    frame = pd.DataFrame(
        {"c": [1, 2, 3, 4] * 3, "a": [1, 1, 2, 2] * 3, "w": 1.0, "y": [*map(float, range(12))]}
    )
    frame["b"] = frame["a"].map({1: "z", 2: "x"})
    made = replicates(frame, SCHOOLS, "jk1")
    table = total(frame, made, "y", ["a", "b"], margins=True)
    by_b = table[table["a"].isna() & table["b"].notna()].set_index("b")
    for level in "xz":
        assert by_b.loc[level, "se"] ** 2 == pytest.approx(
            jackknife(frame, "total", (frame["b"] == level).to_numpy())
        )


def test_ranks_by_hand() -> None:
    light = np.array([[1e-6, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 500.0, 0.0], [0.0, 500.0, 0.5]])
    assert _rank(light) == 3
    assert _rank(light.T) == 3
    assert _rank(np.array([[1.0, 2.0], [2.0, 4.0], [0.5, 1.0]])) == 1
    assert _rank(np.zeros((2, 3))) == _rank(np.zeros((0, 3))) == 1  # so that no degree of freedom is left


def test_ranks_are_not_raised_by_roundings() -> None:
    rng = np.random.default_rng(5)
    thin = rng.uniform(0.5, 2, (30, 2)) @ rng.uniform(0.5, 2, (2, 20))
    assert _rank(thin) == 2
    # the squared singular values are 200 and about 2e-9: eleven digits apart
    nearly = np.ones((100, 2))
    nearly[0, 1] -= 6e-5
    assert _rank(nearly) == 1


def given(**options: object) -> tuple[pd.DataFrame, SurveyDesign]:
    frame = pd.DataFrame({"w": [2.0, 3.0, 1.0, 4.0, 2.0], "y": [1.0, 0.0, 1.0, 1.0, 0.0]})
    frame["sex"] = [*"fmooo"]
    frame["g"] = pd.Categorical([*"aabbb"], [*"abc"])
    columns = pd.DataFrame({"r0": [1, 3, 2, 4, 1], "r1": [2, 2, 1, 5, 3], "r2": [3, 5, 1, 3, 2]})
    design = SurveyDesign(weights="w", repweights={"columns": list(columns), "scale": 1.0}, **options)  # type: ignore[arg-type]
    return pd.concat([frame, columns], axis=1), design


def test_domains_of_given_replicates_without_rows_have_no_degrees_of_freedom() -> None:
    frame, design = given()
    assert mean(frame, design, "y", "g")["df"].tolist() == [1, 2, 0]


def test_calibration_takes_degrees_of_freedom_from_given_replicates() -> None:
    # the two pupils of domain a are each the only one of their sex: calibrated, all replicates give them one weight
    frame, design = calibrate(*given(), {"sex": {"f": 3.0, "m": 3.0, "o": 8.0}}, method="poststratify")
    table = mean(frame, design, "y", "g")
    assert table["df"].tolist() == [0, 2, 0]
    assert table.loc[0, "se"] == pytest.approx(0, abs=1e-12)


MARGINS = {"sex": {"f": 70.0, "m": 60.0}, "grade": {"7": 65.0, "9": 65.0}}


def raked(weights: np.ndarray, frame: pd.DataFrame, margins: dict[str, dict[str, float]]) -> np.ndarray:
    """Columns of weights raked until a round moves the margins of the first by less than 6 in a million."""

    def tables() -> np.ndarray:
        return np.array(
            [
                weights[(frame[name] == level).to_numpy(), 0].sum()
                for name in margins
                for level in margins[name]
            ]
        )

    weights, whole, old = weights.copy(), weights[:, 0].sum(), tables()
    for _ in range(200):
        for name, totals in margins.items():
            for level, wanted in totals.items():
                rows = (frame[name] == level).to_numpy()
                sums = weights[rows].sum(axis=0)
                weights[rows] *= np.divide(wanted, sums, out=np.zeros_like(sums), where=sums > 0)
        new = tables()
        if np.abs(new - old).max() < 6e-6 * whole:
            break
        old = new
    return weights


def school_classes() -> pd.DataFrame:
    rng = np.random.default_rng(12)
    frame = pd.DataFrame({"c": np.repeat(np.arange(7), 6)})
    n = len(frame)
    frame["sex"], frame["grade"] = rng.choice(["f", "m"], n), rng.choice(["7", "9"], n, p=[0.8, 0.2])
    frame.loc[frame["sex"] == "f", "grade"] = rng.choice(
        ["7", "9"], (frame["sex"] == "f").sum(), p=[0.2, 0.8]
    )
    return frame.assign(w=rng.uniform(0.5, 4, n).round(1), y=rng.integers(0, 4, n).astype(float))


@pytest.mark.parametrize("weights", ["w", None])
@pytest.mark.parametrize("shrink", [1.0, 1e-3])
@pytest.mark.parametrize("names", [["sex", "grade"], ["grade"]])
def test_raked_replicates_round_by_round(weights: str | None, shrink: float, names: list[str]) -> None:
    frame = school_classes()
    frame["w"] = frame["w"] * shrink if weights else 1.0
    margins = {name: {k: v * shrink for k, v in MARGINS[name].items()} for name in names}
    design = SurveyDesign(psu="c", weights=weights)
    weighted, calibrated = calibrate(frame, design, margins, method="raking")
    made = replicates(weighted, calibrated, "rao-wu", n=12, rng=np.random.default_rng(0))
    factors = made.repweights.factors[frame["c"].to_numpy()]
    start = frame["w"].to_numpy()[:, None] * np.column_stack([np.ones(len(frame)), factors])
    final = raked(start, frame, margins)[:, 1:]
    theta = (final * frame["y"].to_numpy()[:, None]).sum(axis=0)
    wanted = ((theta - theta.mean()) ** 2).sum() / 11
    found = total(weighted, made, "y").loc[0, "se"] ** 2
    assert found == pytest.approx(wanted, rel=1e-9)


def test_a_second_raking_to_margins_that_are_met_takes_one_round_more() -> None:
    frame = school_classes()
    once, first = calibrate(frame, SCHOOLS, MARGINS, method="raking")
    twice, second = calibrate(once, first, MARGINS, method="raking")
    made = replicates(twice, second, "rao-wu", n=12, rng=np.random.default_rng(0))
    factors = made.repweights.factors[frame["c"].to_numpy()]
    start = frame["w"].to_numpy()[:, None] * np.column_stack([np.ones(len(frame)), factors])
    final = raked(raked(start, frame, MARGINS), frame, MARGINS)[:, 1:]
    theta = (final * frame["y"].to_numpy()[:, None]).sum(axis=0)
    wanted = ((theta - theta.mean()) ** 2).sum() / 11
    assert total(twice, made, "y").loc[0, "se"] ** 2 == pytest.approx(wanted, rel=1e-9)


def test_weights_that_meet_the_margins_are_raked_once_in_every_replicate() -> None:
    frame = school_classes()
    frame["w"] = raked(frame[["w"]].to_numpy(), frame, MARGINS)[:, 0]
    weighted, design = calibrate(frame, SCHOOLS, MARGINS, method="raking")
    made = replicates(weighted, design, "rao-wu", n=12, rng=np.random.default_rng(0))
    final = frame["w"].to_numpy()[:, None] * made.repweights.factors[frame["c"].to_numpy()]
    for name, totals in MARGINS.items():
        for level, wanted in totals.items():
            rows = (frame[name] == level).to_numpy()
            final[rows] *= wanted / final[rows].sum(axis=0)
    theta = (final * frame["y"].to_numpy()[:, None]).sum(axis=0)
    wanted = ((theta - theta.mean()) ** 2).sum() / 11
    assert total(weighted, made, "y").loc[0, "se"] ** 2 == pytest.approx(wanted, rel=1e-9)


def test_a_level_that_a_replicate_leaves_out_has_no_weight_in_it() -> None:
    frame = school_classes()
    frame["sex"] = np.where(frame["c"] == 3, "m", "f")
    weighted, calibrated = calibrate(frame, SCHOOLS, {"sex": {"f": 70.0, "m": 60.0}}, method="poststratify")
    made = replicates(weighted, calibrated, "jk1")
    start = frame["w"].to_numpy()[:, None] * made.repweights.factors[frame["c"].to_numpy()]
    final = raked(start, frame, {"sex": MARGINS["sex"]})
    theta = (final * frame["y"].to_numpy()[:, None]).sum(axis=0)
    wanted = 6 / 7 * ((theta - theta.mean()) ** 2).sum()
    assert total(weighted, made, "y").loc[0, "se"] ** 2 == pytest.approx(wanted)


def test_a_calibration_to_the_size_alone() -> None:
    frame = school_classes().assign(all="pupil")
    weighted, calibrated = calibrate(frame, SCHOOLS, {"all": {"pupil": 500.0}}, method="poststratify")
    made = replicates(weighted, calibrated, "jk1")
    wanted = 500**2 * jackknife(frame, "mean")
    assert total(weighted, made, "y").loc[0, "se"] ** 2 == pytest.approx(wanted)


def test_degrees_of_freedom_are_fewer_than_replicates() -> None:
    frame = school_classes()
    made = replicates(frame, SCHOOLS, "rao-wu", n=4, rng=np.random.default_rng(0))
    assert prevalence(frame.assign(y=frame["y"] > 1), made, "y")["df"].tolist() == [3]


def test_half_samples_pass_over_strata_of_one_school_and_the_jackknife_over_strata() -> None:
    frame = pd.DataFrame({"h": [1, 1, 2, 3, 3], "c": [1, 2, 1, 1, 2], "w": 1.0})
    design = SurveyDesign("h", "c", "w", lonely_psu="certainty")
    for kind, values in (("brr", {0.0, 2.0}), ("fay", {0.75, 1.25})):
        factors = replicates(frame, design, kind, rho=0.75).repweights.factors
        assert (factors[2] == 1).all()
        assert set(np.delete(factors, 2, axis=0).ravel()) == values
    with pytest.raises(EstimationError, match="this one has 2"):
        replicates(frame[:3], SurveyDesign("h", "c", lonely_psu="certainty"), "jk1")
    two = replicates(frame[:3], SurveyDesign("h", "c", "w", lonely_psu="adjust"), "jkn").repweights
    np.testing.assert_allclose(two.factors, [[0, 2, 2], [2, 0, 2], [1, 1, 0]])
    np.testing.assert_allclose(two.rscales, 0.5)
