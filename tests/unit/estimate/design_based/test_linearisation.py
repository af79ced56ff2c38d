"""Variances against the formulas written out in loops: lonely strata, stages, fractions, missing answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import LonelyPSUError
from mapping.estimate.design_based import covariance, mean, prevalence, ratio, total

Contribution = tuple[np.ndarray, float, float, bool, bool]  # sums of scores, n, scale, lonely, present


def by_definition(
    frame: pd.DataFrame,
    design: SurveyDesign,
    score: np.ndarray,
    seen: np.ndarray,
) -> float:
    """Variance of the sum of `score`: stage by stage, stratum by stratum; `seen` are the rows that count as present."""
    frame = frame.reset_index(drop=True)
    units = [design.psu] if isinstance(design.psu, str) else list(design.psu or [])
    fpc = [design.fpc] if isinstance(design.fpc, str) else list(design.fpc or [])
    above = frame[design.strata].astype(str) if design.strata else pd.Series("all", index=frame.index)
    carried = pd.Series(1.0, index=frame.index)
    variance = 0.0
    for stage in range(len(fpc) or 1):
        unit = above + "/" + frame[units[stage]].astype(str)
        fraction = unit.groupby(above).transform("nunique") / (frame[fpc[stage]] if fpc else np.inf)
        parts = [
            _stratum(
                design,
                stage,
                unit[rows],
                fraction[rows].iloc[0],
                carried[rows].iloc[0],
                score[rows],
                seen[rows],
            )
            for rows in (np.flatnonzero(above == name) for name in above.unique())
        ]
        variance += _summed(design, stage, [part for part in parts if part[4]])
        above, carried = unit, carried * fraction
    return variance


def _stratum(
    design: SurveyDesign,
    stage: int,
    unit: pd.Series,
    fraction: float,
    carried: float,
    score: np.ndarray,
    seen: np.ndarray,
) -> Contribution:
    names = list(unit.unique())
    z = np.array([score[(unit == name).to_numpy()].sum() for name in names])
    present = sum(bool(seen[(unit == name).to_numpy()].any()) for name in names)
    n = len(names)
    lonely = n == 1 or (design.lonely_in_domains and present == 1)
    scale = carried * (1 - fraction) * (n / (n - 1) if n > 1 else 1)
    taken_whole = fraction == 1
    return z, float(n), 0.0 if taken_whole else scale, lonely and not taken_whole, present > 0


def _summed(design: SurveyDesign, stage: int, parts: list[Contribution]) -> float:
    common = sum(z.sum() for z, *_ in parts) / max(sum(n for _, n, *_ in parts), 1)
    added, sound = 0.0, 0
    for z, _, scale, lonely, _ in parts:
        centre = common if lonely and design.lonely_psu == "adjust" and stage == 0 else z.mean()
        if (
            lonely
            and (design.lonely_psu == "average" or z.size == 1)
            and not (design.lonely_psu == "adjust" and stage == 0)
        ):
            scale = 0.0
        added += scale * float(((z - centre) ** 2).sum())
        sound += not lonely
    if design.lonely_psu != "average" or not parts:
        return added
    return added * len(parts) / sound if sound else np.nan


def schools(lonely: bool) -> pd.DataFrame:
    """Five strata of 4, 3, 2, 1 and 1 schools, the last but one taken whole; a third of the answers missing."""
    rng = np.random.default_rng(8)
    rows = [
        (h, c, n_schools + 2 if h != 3 else 1)
        for h, n_schools in enumerate([4, 3, 2, 1, 1] if lonely else [4, 3, 2, 2, 3])
        for c in range(n_schools)
        for _ in range(int(rng.integers(1, 5)))
    ]
    frame = pd.DataFrame(rows, columns=["stratum", "school", "schools"])
    n = len(frame)
    if not lonely:
        frame["schools"] += 3
    frame["w"] = rng.uniform(1, 9, n).round(2)
    frame["full"] = rng.integers(0, 6, n).astype(float)
    frame["y"] = frame["full"].where(rng.random(n) > 0.35)
    frame["x"] = rng.integers(1, 5, n).astype(float)
    frame["g"] = np.where(frame["stratum"] == 1, rng.choice(["a", "b"], n), rng.choice(["a", "b", "c"], n))
    frame.loc[(frame["stratum"] == 0) & (frame["school"] > 0) & (frame["g"] == "b"), "g"] = "a"
    return frame


def stages() -> pd.DataFrame:
    """Two strata of schools, classes sampled within; one school and one class taken whole, one school of one class."""
    rng = np.random.default_rng(9)
    rows = [
        (h, c, k, [9, 3][h], n_classes + extra)
        for h, school_classes in enumerate([[(3, 2), (2, 0), (1, 4)], [(2, 1), (4, 4), (3, 0)]])
        for c, (n_classes, extra) in enumerate(school_classes)
        for k in range(n_classes)
        for _ in range(int(rng.integers(1, 4)))
    ]
    frame = pd.DataFrame(rows, columns=["stratum", "school", "class", "schools", "classes"])
    n = len(frame)
    frame["w"], frame["g"] = rng.uniform(1, 9, n).round(2), rng.choice(["a", "b"], n)
    frame["full"], frame["x"] = rng.integers(0, 6, n).astype(float), 1.0
    frame["y"] = frame["full"].where(rng.random(n) > 0.2)
    return frame


def designs(rule: str, in_domains: bool) -> list[tuple[pd.DataFrame, SurveyDesign]]:
    options: dict[str, Any] = {"lonely_psu": rule, "lonely_in_domains": in_domains}
    return [
        (schools(True), SurveyDesign("stratum", "school", "w", **options)),
        (schools(True), SurveyDesign("stratum", "school", "w", "schools", **options)),
        (schools(False), SurveyDesign("stratum", "school", "w", "schools", **options)),
        (stages(), SurveyDesign("stratum", ["school", "class"], "w", ["schools", "classes"], **options)),
        (stages(), SurveyDesign(None, ["school", "class"], "w", None, **options)),
    ]


def scores(frame: pd.DataFrame, y: str, kind: str, here: np.ndarray) -> np.ndarray:
    w, value = frame["w"].to_numpy(), frame[y].fillna(0).to_numpy()
    inside = here & frame[y].notna().to_numpy()
    if kind == "total":
        return np.where(inside, w * value, 0.0)
    x = frame["x"].to_numpy() if kind == "ratio" else np.ones(len(frame))
    top, bottom = (w * value)[inside].sum(), (w * x)[inside].sum()
    return np.where(inside, w * (value - top / bottom * x) / bottom, 0.0)


@pytest.mark.parametrize("in_domains", [False, True])
@pytest.mark.parametrize("rule", ["adjust", "average", "certainty", "remove"])
@pytest.mark.parametrize("y", ["full", "y"])
def test_standard_errors_equal_the_formulas_whatever_the_rule_for_lonely_strata(
    rule: str, in_domains: bool, y: str
) -> None:
    estimators: dict[str, Callable[..., pd.DataFrame]] = {"mean": mean, "total": total}
    for frame, design in designs(rule, in_domains):
        for kind, estimator in estimators.items():
            table = estimator(frame, design, y, "g", margins=True)
            for _, row in table.iterrows():
                here = np.ones(len(frame), bool) if pd.isna(row["g"]) else (frame["g"] == row["g"]).to_numpy()
                wanted = by_definition(
                    frame, design, scores(frame, y, kind, here), here & frame[y].notna().to_numpy()
                )
                assert row["se"] ** 2 == pytest.approx(wanted, rel=1e-9, abs=1e-20, nan_ok=True), (
                    kind,
                    row["g"],
                )


@pytest.mark.parametrize("rule", ["adjust", "average", "certainty", "remove"])
def test_ratios_equal_the_formulas(rule: str) -> None:
    for frame, design in designs(rule, False):
        for _, row in ratio(frame, design, "y", "x", "g").iterrows():
            here = (frame["g"] == row["g"]).to_numpy()
            wanted = by_definition(
                frame, design, scores(frame, "y", "ratio", here), here & frame["y"].notna().to_numpy()
            )
            assert row["se"] ** 2 == pytest.approx(wanted, rel=1e-9, abs=1e-20, nan_ok=True)


@pytest.mark.parametrize("rule", ["adjust", "average", "certainty", "remove"])
def test_covariances_of_means_and_totals_are_halves_of_what_sums_and_differences_vary(rule: str) -> None:
    # cov(a, b) = (V(a + b) − V(a − b))/4, over the whole design: every stratum counts in the centre
    made = designs(rule, False)
    for (frame, design), kind in ((made[1], "total"), (made[3], "mean")):
        whole = np.ones(len(frame), bool)
        matrix = covariance(frame, design, ["full", "x"], "g", statistic=kind).to_numpy()
        z = [
            scores(frame, name, kind, (frame["g"] == level).to_numpy())
            for name in ("full", "x")
            for level in sorted(frame["g"].unique())
        ]
        for i, j in ((0, 0), (0, 1), (1, 2), (0, 3), (3, 3)):
            plus, minus = (by_definition(frame, design, z[i] + sign * z[j], whole) for sign in (1, -1))
            assert matrix[i, j] == pytest.approx((plus - minus) / 4, rel=1e-9, abs=1e-9)
            assert matrix[j, i] == pytest.approx((plus - minus) / 4, rel=1e-9, abs=1e-9)


def test_average_over_nothing_but_lonely_strata_is_missing() -> None:
    frame = pd.DataFrame({"stratum": [1, 2], "school": [1, 1], "y": [0.0, 1.0]})
    design = SurveyDesign("stratum", "school", lonely_psu="average")
    assert np.isnan(mean(frame, design, "y").loc[0, "se"])
    assert np.isnan(covariance(frame, design, "y").to_numpy()).all()


def message(frame: pd.DataFrame, design: SurveyDesign, **by: Any) -> str:
    with pytest.raises(LonelyPSUError) as caught:
        prevalence(frame, design, "y", **by)
    with pytest.raises(LonelyPSUError):
        covariance(frame, design, "y")
    return str(caught.value)


def test_the_error_names_ten_lonely_strata_and_counts_the_rest() -> None:
    design = SurveyDesign("stratum", "school")
    for n, said in ((1, "1 stratum has a single PSU: 0."), (10, "10 strata have"), (11, "9 and 1 more.")):
        frame = pd.DataFrame({"stratum": [*range(n), 99, 99], "school": [*range(n), 1, 2], "y": 1.0})
        found = message(frame, design)
        assert said in found
        assert ("more" in found) == (n > 10)
        assert "10, " not in found


def test_a_lonely_class_is_an_error_too_but_says_so_in_other_words() -> None:
    frame = stages()
    design = SurveyDesign("stratum", ["school", "class"], "w", ["schools", "classes"])
    frame["y"] = (frame["full"] > 2).astype(float)
    assert "1 sampling units have a single unit below them" in message(frame, design)


def test_a_lonely_stratum_without_an_answer_in_the_domain_is_no_error() -> None:
    frame = pd.DataFrame(
        {"stratum": [1, 1, 2], "school": [1, 2, 3], "y": [1.0, 0.0, 1.0], "here": [True, True, False]}
    )
    design = SurveyDesign("stratum", "school")
    assert prevalence(frame[:2], design, "y", "here").loc[0, "estimate"] == 0.5
    frame.loc[2, "y"] = np.nan
    assert prevalence(frame, design, "y").loc[0, "se"] == pytest.approx(0.5)


def test_a_lonely_stratum_that_was_taken_whole_is_no_error() -> None:
    frame = pd.DataFrame({"stratum": [1, 1, 2], "school": [1, 2, 3], "N": [4, 4, 1], "y": [1.0, 0.0, 1.0]})
    design = SurveyDesign("stratum", "school", fpc="N")
    # Σz² about the stratum's mean: 2·(1/2)²·(1/3)² · 2 · (1 − 1/2), and nothing from the school taken whole
    assert mean(frame, design, "y").loc[0, "se"] ** 2 == pytest.approx(2 * 0.25 / 9 * 2 * 0.5)
    assert covariance(frame, design, "y").to_numpy().item() == pytest.approx(0.5 / 9)
