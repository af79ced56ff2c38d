"""The likelihood interval against values that R survey 4.1 gives for a small survey, made here and there alike.

R: ``svyciprop(~I(y == 1), design, method = "likelihood", na.rm = TRUE)`` of `svydesign(~psu, weights = ~w)` (or with
all weights 2, or post-stratified by h to 100 and 140), in all rows or in those of one g.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import calibrate, mean, prevalence


def survey() -> pd.DataFrame:
    """60 rows: answers missing in some, weights of 1 to 8.3."""
    at = np.arange(1, 61)
    y = (at * 13 % 7 < 2).astype(float)
    y[at % 9 == 4] = np.nan
    return pd.DataFrame(
        {
            "g": np.repeat(["a", "b"], [26, 34]),
            "psu": np.repeat(np.arange(15), 4),
            "h": ["x", "y"] * 30,
            "w": np.round(1 + (at * 37 % 23) / 3, 3),
            "y": y,
            "one": ((at == 8) | (at == 40)).astype(float),
        }
    )


R = {
    ("all", "y", None): (0.134676326729, 0.40078093557),
    ("all", "y", "a"): (0.0621340154761, 0.466710594005),
    ("zero", "y", None): (0.153545689222, 0.417910476089),
    ("zero", "y", "b"): (0.107403816033, 0.531157579987),
    ("post", "y", None): (0.146247167921, 0.381618394728),
    ("post", "y", "b"): (0.112281995175, 0.494383391381),
    ("equal", "y", None): (0.153290374969, 0.399820008608),
    ("all", "one", None): (0.00451173113911, 0.137237487067),
    ("all", "one", "a"): (0.00114500972453, 0.31211330456),
    ("zero", "one", None): (0.00489583428719, 0.145454581673),
    ("zero", "one", "b"): (0.000610612071742, 0.121266957367),
    ("post", "one", None): (0.00579848388425, 0.158112150841),
    ("post", "one", "b"): (0.00059883841323, 0.146102730604),
    ("equal", "one", None): (0.00463927052933, 0.106558405117),
}


def design_of(kind: str) -> tuple[pd.DataFrame, SurveyDesign]:
    frame, design = survey(), SurveyDesign(psu="psu", weights="w")
    if kind == "zero":
        frame.loc[[2, 10, 49], "w"] = 0.0
    if kind == "equal":
        frame["w"] = 2.0
    if kind == "post":
        return calibrate(frame, design, {"h": {"x": 100, "y": 140}}, method="poststratify")
    return frame, design


@pytest.mark.parametrize(("kind", "name", "g"), R)
def test_the_likelihood_interval_is_that_of_r(kind: str, name: str, g: str | None) -> None:
    frame, design = design_of(kind)
    table = prevalence(frame, design, name, "g" if g else [], interval="likelihood")
    row = table.loc[table["g"].eq(g)].iloc[0] if g else table.iloc[0]

    assert row["interval"] == "likelihood"
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(R[kind, name, g], rel=1e-7)


def test_a_variance_that_is_only_rounding_has_no_profile() -> None:
    """Three schools that answer alike, with weights in proportion: their variance is 0, but for 2e-17."""
    within = [0.9, 0.2, 0.1, 2.5, 2.7, 1.9, 2.2, 1.7]
    frame = pd.DataFrame(
        {
            "psu": np.repeat([1, 2, 3], 8),
            "w": np.outer([5.3, 3.4, 4.4], within).ravel(),
            "y": np.tile([0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0], 3),
        }
    )
    design = SurveyDesign(psu="psu", weights="w")

    assert 0 < mean(frame, design, "y").iloc[0]["se"] < 1e-15
    row = prevalence(frame, design, "y", interval="likelihood").iloc[0]

    assert row["interval"] != "likelihood"
    assert 0 <= row["ci_low"] < row["estimate"] < row["ci_high"] <= 1
