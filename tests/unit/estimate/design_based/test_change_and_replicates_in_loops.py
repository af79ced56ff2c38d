"""Change between waves and replicate weights, written out row by row and replicate by replicate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError, LonelyPSUError
from mapping.estimate.design_based import (
    Replicates,
    calibrate,
    change,
    contrast,
    false_calls,
    mean,
    prevalence,
    ratio,
    refusals,
    replicates,
    total,
)
from mapping.estimate.design_based.expected import assumed_icc
from mapping.estimate.design_based.replication import as_replicates

DESIGN = SurveyDesign("h", "c", "w")


def wave(seed: int, schools: range = range(5)) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(h, c) for h in (1, 2) for c in schools for _ in range(6)], columns=["h", "c"])
    n = len(frame)
    frame["w"] = rng.uniform(1, 5, n).round(1)
    frame.loc[3, "w"] = 0.0
    frame["y"] = (rng.random(n) < rng.beta(2, 3, 40)[frame["h"] * 9 + frame["c"]]).astype(float)
    frame.loc[rng.random(n) < 0.15, "y"] = np.nan
    frame["g"] = rng.choice(["a", "b"], n)
    frame["sex"] = rng.choice(["f", "m"], n)
    return frame


def score(frame: pd.DataFrame, weights: np.ndarray, here: np.ndarray) -> tuple[float, np.ndarray]:
    inside = here & frame["y"].notna().to_numpy()
    y = frame["y"].fillna(0).to_numpy()
    whole = weights[inside].sum()
    p = float((weights * y)[inside].sum() / whole)
    return p, np.where(inside, (y - p) / whole, 0.0)


def variance(z: np.ndarray, stratum: list[Any], unit: list[Any]) -> tuple[float, int]:
    frame = pd.DataFrame({"z": z, "h": stratum, "c": unit})
    sums = frame.groupby(["h", "c"])["z"].sum()
    added = sum(len(s) / (len(s) - 1) * float(((s - s.mean()) ** 2).sum()) for _, s in sums.groupby("h"))
    return added, len(sums) - frame["h"].nunique()


@pytest.mark.parametrize("independent", [False, True])
def test_a_change_and_its_error_row_by_row(independent: bool) -> None:
    earlier, later = wave(1), wave(2, range(2, 8))
    table = change(earlier, later, DESIGN, "y", "g", independent=independent, margins=True, level=0.9)
    assert table["g"].fillna("-").tolist() == ["a", "b", "-"]
    for _, row in table.iterrows():
        parts, shares = [], []
        for sign, frame in ((-1, earlier), (1, later)):
            here = np.ones(len(frame), bool) if pd.isna(row["g"]) else (frame["g"] == row["g"]).to_numpy()
            w = frame["w"].to_numpy()
            p, u = score(frame, w, here)
            shares.append(p)
            keep = here & (w > 0)
            parts.append((sign * w * u, keep, frame))
        z = np.concatenate([part for part, _, _ in parts])
        strata = [(s if independent else 0, h) for s, (_, _, f) in enumerate(parts) for h in f["h"]]
        units = [c for _, _, f in parts for c in f["c"]]
        v, _ = variance(z, strata, units)
        kept = np.concatenate([keep for _, keep, _ in parts])
        _, df = variance(z[kept], [h for h, k in zip(strata, kept, strict=True) if k], [
            c for c, k in zip(units, kept, strict=True) if k
        ])  # fmt: skip
        assert (row["earlier"], row["later"]) == pytest.approx(tuple(shares))
        assert row["difference"] == pytest.approx(shares[1] - shares[0])
        assert row["se"] == pytest.approx(np.sqrt(v))
        assert row["df"] == df
        t = stats.t.ppf(0.95, df)
        assert row["ci_low"] == pytest.approx(row["difference"] - t * row["se"])
        assert row["ci_high"] == pytest.approx(row["difference"] + t * row["se"])
        assert row["smallest_detectable"] == pytest.approx((t + stats.t.ppf(0.8, df)) * row["se"])
        assert row["p"] == pytest.approx(2 * stats.t.sf(abs(row["difference"]) / row["se"], df))
        assert row["reason"] == ""


def test_calibrated_waves_vary_as_residuals_within_each_wave() -> None:
    made, parts, p = [], [], []
    for sign, seed in ((-1, 3), (1, 4)):
        frame, design = calibrate(
            wave(seed), DESIGN, {"sex": {"f": 80.0 + seed, "m": 70.0}}, method="poststratify"
        )
        w, v = frame[design.weights].to_numpy(), frame["w"].to_numpy()
        share, u = score(frame, w, (frame["g"] == "a").to_numpy())
        for level in ("f", "m"):
            rows = (frame["sex"] == level).to_numpy()
            u[rows] -= (v * u)[rows].sum() / v[rows].sum()
        made.append(frame)
        parts.append(sign * w * u)
        p.append(share)
    z = np.concatenate(parts)
    for independent in (False, True):
        strata = [(s * independent, h) for s, f in enumerate(made) for h in f["h"]]
        v, _ = variance(z, strata, [c for f in made for c in f["c"]])
        row = change(made[0], made[1], design, "y", "g", independent=independent).set_index("g").loc["a"]
        assert (row["difference"], row["se"]) == pytest.approx((p[1] - p[0], np.sqrt(v)))


def lent(n: float, positive: float, kish: float, per_psu: float) -> float:
    icc = float(assumed_icc(np.array([(positive + 1) / (n + 2)]))[0])
    size = n / (kish * (1 + (per_psu - 1) * icc))
    middle = (positive / n * size + 1) / (size + 2)
    return middle * (1 - middle) / (size + 2)


def test_a_wave_at_its_end_lends_a_variance() -> None:
    earlier, later = wave(5), wave(6)
    for end in (0.0, 1.0):
        earlier["y"], earlier["w"] = end, [1.0, 2.0] * 30
        row = change(earlier, later, DESIGN, "y").iloc[0]
        p, u = score(later, later["w"].to_numpy(), np.ones(60, bool))
        v, df = variance(later["w"].to_numpy() * u, later["h"].tolist(), later["c"].tolist())
        kish = 60 * (30 + 120) / 90**2
        assert (row["earlier"], row["later"], row["df"]) == (end, pytest.approx(p), df)
        assert row["se"] ** 2 == pytest.approx(v + lent(60, 60 * end, kish, 6))
        assert row["reason"] == "the earlier wave is at 0 or 100 %: its variance is assumed"


def test_one_school_asked_twice_assumes_both_variances() -> None:
    frame = pd.DataFrame({"c": 1, "y": [1.0] * 3 + [0.0] * 17})
    again = pd.DataFrame({"c": 1, "y": [1.0] * 9 + [0.0] * 11})
    row = change(frame, again, SurveyDesign(psu="c", lonely_psu="adjust"), "y").iloc[0]
    v = lent(20, 3, 1.0, 20) + lent(20, 9, 1.0, 20)
    assert row["se"] == pytest.approx(np.sqrt(v))
    assert row["ci_high"] == pytest.approx(0.3 + stats.t.ppf(0.975, 38) * np.sqrt(v))
    assert (row["df"], row["reason"]) == (0, "no degrees of freedom: the variance is assumed, not estimated")
    pair = change(frame[:1], again[:1], SurveyDesign(psu="c", lonely_psu="adjust"), "y").iloc[0]
    assert (pair["ci_low"], pair["ci_high"]) == (-1.0, 1.0)


def test_a_wave_without_answers_leaves_the_change_missing() -> None:
    earlier, later = wave(7), wave(8)
    earlier.loc[earlier["g"] == "b", "y"] = np.nan
    row = change(earlier, later, DESIGN, "y", "g").set_index("g").loc["b"]
    assert (row["n_earlier"], row["reason"]) == (0, "no answers in the earlier wave")
    assert np.isnan(row[["earlier", "difference", "se", "p", "q", "smallest_detectable"]].astype(float)).all()
    row = change(later, earlier, DESIGN, "y", "g").set_index("g").loc["b"]
    assert (row["n_later"], row["reason"]) == (0, "no answers in the later wave")
    unweighted = earlier.assign(y=1.0, w=np.where(earlier["g"] == "b", 0.0, 1.0))
    assert np.isnan(change(later, unweighted, DESIGN, "y", "g").set_index("g").loc["b", "later"])


def test_categories_of_both_waves_are_domains() -> None:
    earlier, later = wave(9), wave(10)
    earlier["g"] = pd.Categorical(earlier["g"], ["a", "b", "old"])
    later["g"] = pd.Categorical(later["g"], ["new", "a", "b"])
    assert change(earlier, later, DESIGN, "y", "g")["g"].tolist() == ["a", "b", "old", "new"]


def test_schools_repeat_when_stratum_and_code_do() -> None:
    earlier, later = wave(1), wave(2)
    shared = change(earlier, later, DESIGN, "y")
    pd.testing.assert_frame_equal(shared, change(earlier, later, DESIGN, "y", independent=False))
    apart = change(earlier, later.assign(c=later["c"] + 50), DESIGN, "y")
    assert apart.loc[0, "se"] == pytest.approx(
        change(earlier, later, DESIGN, "y", independent=True).loc[0, "se"]
    )
    rows = SurveyDesign(weights="w")
    pd.testing.assert_frame_equal(
        change(earlier, later, rows, "y"), change(earlier, later, rows, "y", independent=True)
    )


def test_false_calls_are_those_strictly_below_q() -> None:
    assert false_calls(pd.DataFrame({"q": [0.05, 0.1, np.nan, 0.2]})) == pytest.approx(0.1)
    assert false_calls(pd.DataFrame({"q": [0.05, 0.1, 0.2]}), 0.2) == pytest.approx(0.4)


def replicated(frame: pd.DataFrame, weights: np.ndarray, kind: str) -> np.ndarray:
    """The estimate from each column of weights."""
    answered = frame["y"].notna().to_numpy()
    y, x = frame["y"].fillna(0).to_numpy(), frame["x"].to_numpy()
    top = (weights * (y * answered)[:, None]).sum(axis=0)
    if kind == "total":
        return np.asarray(top)
    return np.asarray(top / (weights * (answered * (x if kind == "ratio" else 1.0))[:, None]).sum(axis=0))


def pupils(schools: int = 4) -> pd.DataFrame:
    frame = wave(11, range(schools))
    return frame.assign(x=np.random.default_rng(0).integers(1, 5, len(frame)).astype(float))


def spread_over_rows(frame: pd.DataFrame, made: Replicates) -> np.ndarray:
    assert made.psu is not None and made.factors is not None
    keys = frame[["h", "c"]].apply(tuple, axis=1)
    return (
        frame["w"].to_numpy()[:, None] * made.factors[made.psu.get_indexer(pd.MultiIndex.from_tuples(keys))]
    )


@pytest.mark.parametrize("kind", ["rao-wu", "jkn", "brr", "fay"])
@pytest.mark.parametrize("mse", [False, True])
def test_replicate_errors_replicate_by_replicate(kind: str, mse: bool) -> None:
    frame = pupils()
    design = replicates(frame, DESIGN, kind, n=30, rng=np.random.default_rng(5), rho=0.4)
    made = design.repweights
    made = Replicates(made.scale, made.rscales, mse, factors=made.factors, psu=made.psu)
    design = SurveyDesign("h", "c", "w", repweights=made)
    weights = spread_over_rows(frame, made)
    columns = pd.DataFrame(weights).add_prefix("r")
    given = SurveyDesign(
        "h",
        "c",
        "w",
        repweights={"columns": list(columns), "scale": made.scale, "rscales": made.rscales, "mse": mse},
    )
    for name, table in (("mean", mean), ("total", total), ("ratio", ratio)):
        for level in ("a", "b"):
            here = (frame["g"] == level).to_numpy()
            theta = replicated(frame[here], weights[here], name)
            value = replicated(frame[here], frame.loc[here, ["w"]].to_numpy(), name)[0]
            rscales = np.broadcast_to(np.asarray(made.rscales, float), theta.shape)
            v = made.scale * (rscales * (theta - (value if mse else theta.mean())) ** 2).sum()
            for f, d in ((frame, design), (pd.concat([frame, columns], axis=1), given)):
                more = ("y", "x", "g") if name == "ratio" else ("y", "g")
                row = table(f, d, *more).set_index("g").loc[level]
                assert (row["estimate"], row["se"] ** 2) == pytest.approx((value, v)), (kind, name)


def test_factors_of_each_kind_by_hand() -> None:
    frame = pupils(2)
    jkn = replicates(frame, DESIGN, "jkn").repweights
    np.testing.assert_allclose(jkn.factors, [[0, 2, 1, 1], [2, 0, 1, 1], [1, 1, 0, 2], [1, 1, 2, 0]])
    assert (jkn.scale, jkn.rscales.tolist()) == (1.0, [0.5] * 4)
    brr, fay = (replicates(frame, DESIGN, kind).repweights for kind in ("brr", "fay"))
    assert brr.factors.shape == (4, 4) and set(brr.factors.ravel()) == {0.0, 2.0}
    np.testing.assert_allclose(np.unique(fay.factors), [0.3, 1.7])
    np.testing.assert_allclose([brr.scale, fay.scale], [1 / 4, 1 / (4 * 0.7**2)])
    np.testing.assert_allclose(brr.factors[::2] + brr.factors[1::2], 2.0)
    np.testing.assert_allclose((brr.factors[0] - 1) @ (brr.factors[2] - 1), 0.0)
    one = frame[frame["h"] == 1]
    jk1 = replicates(one.assign(N=5), SurveyDesign(psu="c", weights="w", fpc="N"), "jk1").repweights
    np.testing.assert_allclose(jk1.factors, [[0, 2], [2, 0]])
    assert jk1.scale == pytest.approx(0.5 * 0.6)
    boot = replicates(frame, DESIGN, n=50, rng=np.random.default_rng(0)).repweights
    assert boot.scale == pytest.approx(1 / 49)
    assert set(boot.factors.ravel()) == {0.0, 2.0}  # one draw of two schools
    drawn = replicates(pupils(4), DESIGN, n=50, rng=np.random.default_rng(0)).repweights.factors
    np.testing.assert_allclose(drawn[:4].sum(axis=0), 4.0)
    part = replicates(frame.assign(N=4), SurveyDesign("h", "c", "w", "N"), n=9, rng=np.random.default_rng(0))
    np.testing.assert_allclose(np.unique(part.repweights.factors), [1 - np.sqrt(0.5), 1 + np.sqrt(0.5)])


def test_a_lonely_stratum_in_the_jackknife_by_hand() -> None:
    frame = pd.DataFrame({"h": [1, 1, 2, 3], "c": [1, 2, 1, 1], "N": [9, 9, 9, 1], "w": 1.0})
    made = replicates(frame, SurveyDesign("h", "c", "w", lonely_psu="adjust"), "jkn").repweights
    np.testing.assert_allclose(made.factors[:, 2:], [[1.5, 1.5], [1.5, 1.5], [0, 1.5], [1.5, 0]])
    np.testing.assert_allclose(made.rscales, [0.5, 0.5, 2 / 3, 2 / 3])
    whole = replicates(frame, SurveyDesign("h", "c", "w", "N", lonely_psu="adjust"), "jkn").repweights
    np.testing.assert_allclose(whole.rscales, [7 / 18, 7 / 18, 2 / 3])
    average = replicates(frame, SurveyDesign("h", "c", "w", lonely_psu="average"), "jkn").repweights
    assert (average.scale, average.factors.shape) == (2.0, (4, 2))
    removed = replicates(frame, SurveyDesign("h", "c", "w", lonely_psu="remove"), "jkn").repweights
    assert (removed.scale, removed.factors.shape) == (1.0, (4, 2))
    boot = replicates(
        frame, SurveyDesign("h", "c", "w", lonely_psu="remove"), n=5, rng=np.random.default_rng(0)
    )
    assert (boot.repweights.factors[2:] == 1).all()
    alone = pd.DataFrame({"c": [1, 1], "w": 1.0})
    with pytest.raises(EstimationError, match="nothing to leave out"):
        replicates(alone, SurveyDesign(psu="c", lonely_psu="adjust"), "jkn")
    many = pd.DataFrame({"h": range(12), "c": 1})
    with pytest.raises(
        LonelyPSUError, match=r"12 strata have a single PSU: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9\. Merge"
    ):
        replicates(many, SurveyDesign("h", "c"), "jkn")
    odd = pd.DataFrame({"h": np.repeat(range(12), 3), "c": [1, 2, 3] * 12})
    with pytest.raises(EstimationError, match=r"12 strata have not: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9\. Use"):
        replicates(odd, SurveyDesign("h", "c"), "brr")


def test_replicates_default_to_equal_scales_about_their_mean() -> None:
    made = as_replicates({"scale": 2, "columns": ["a", "b"]})
    assert (made.scale, made.rscales, made.mse, made.columns) == (2.0, 1.0, False, ("a", "b"))
    # a replicate without a scale does not enter the mean
    uneven = Replicates(1.0, np.array([1.0, 1.0, 0.0]))
    assert uneven.variances(np.array([[1.0, 3.0, 50.0]]), np.array([9.0])).tolist() == [2.0]
    assert uneven.variances(np.array([[1.0, np.nan, 50.0]]), np.array([9.0])).tolist() == [0.0]


def test_raked_replicates_meet_their_margins_each() -> None:
    frame = pupils().assign(grade=np.random.default_rng(3).choice(["7", "9"], 48))
    frame["y"] = frame["y"].fillna(0.0)
    margins = {"sex": {"f": 70.0, "m": 60.0}, "grade": {"7": 65.0, "9": 65.0}}
    weighted, design = calibrate(frame, DESIGN, margins, method="raking")
    made = replicates(weighted, DESIGN, "jkn").repweights
    start = spread_over_rows(frame, made)
    for _ in range(200):
        for name, totals in margins.items():
            for level, wanted in totals.items():
                rows = (frame[name] == level).to_numpy()
                start[rows] *= wanted / start[rows].sum(axis=0)
    theta = replicated(frame, start, "mean")
    v = (np.asarray(made.rscales) * (theta - theta.mean()) ** 2).sum()
    row = mean(weighted, replicates(weighted, design, "jkn"), "y").iloc[0]
    assert row["se"] == pytest.approx(np.sqrt(v), rel=1e-3)
    single, crossed = calibrate(frame, DESIGN, {"sex": margins["sex"]}, method="poststratify")
    start = spread_over_rows(frame, made)
    for level, wanted in margins["sex"].items():
        rows = (frame["sex"] == level).to_numpy()
        start[rows] *= wanted / start[rows].sum(axis=0)
    theta = replicated(frame, start, "total")
    v = (np.asarray(made.rscales) * (theta - theta.mean()) ** 2).sum()
    assert total(single, replicates(single, crossed, "jkn"), "y").loc[0, "se"] == pytest.approx(np.sqrt(v))


def test_degrees_of_freedom_of_given_replicates_are_their_rank_in_the_domain_less_one() -> None:
    frame = pd.DataFrame({"y": [1.0, 0.0, 1.0, 0.0, 1.0], "w": [1.0, 1.0, 1.0, 1.0, 0.0], "g": [*"aabbb"]})
    columns = pd.DataFrame(
        {"r0": [2, 0, 1, 1, 5], "r1": [0, 2, 1, 1, 7], "r2": [1, 1, 2, 0, 9], "r3": [1, 1, 0, 2, 1]}
    )
    design = SurveyDesign(weights="w", repweights={"columns": list(columns), "scale": 1.0})
    table = mean(pd.concat([frame, columns], axis=1), design, "y", "g", margins=True)
    assert table["df"].tolist() == [1, 1, 2]
    whole = contrast(pd.concat([frame, columns], axis=1), design, "y", {"a − b": [1, -1]}, "g")
    assert whole["df"].tolist() == [2]
    made = replicates(pupils(), DESIGN, n=4, rng=np.random.default_rng(0))
    assert contrast(pupils(), made, "y", {"mean": [1]})["df"].tolist() == [3]
    assert prevalence(pupils(), made, "y")["df"].tolist() == [3]
    made = replicates(pupils(), DESIGN, n=40, rng=np.random.default_rng(0))
    assert prevalence(pupils(), made, "y")["df"].tolist() == [6]


def test_nobody_refuses_and_schools_without_answers_are_no_schools() -> None:
    frame = pd.DataFrame({"c": np.repeat([1, 2, 3], 10), "y": [0.0] * 10 + [1.0] * 10 + [np.nan] * 10})
    row = refusals(frame, SurveyDesign(psu="c"), "y", refused=0, population=50).iloc[0]
    assert (row["low"], row["estimate"], row["high"]) == (0.5, 0.5, 0.5)
    row = refusals(frame, SurveyDesign(psu="c"), ["y"], refused=25, population=50).iloc[0]
    assert (row["low"], row["high"]) == (0.25, 0.75)
