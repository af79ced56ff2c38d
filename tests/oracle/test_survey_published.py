"""Figures printed in published reports come out of their counts; misprints do not, and are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import chi2, contrast, prevalence

SIMPLE = SurveyDesign()


@pytest.fixture(scope="module")
def published(shared: Path) -> Path:
    return shared / "oracles" / "published"


def people(counts: pd.DataFrame) -> pd.DataFrame:
    """One row per person."""
    return counts.loc[counts.index.repeat(counts["count"])].reset_index(drop=True)


def load(folder: Path, name: str) -> tuple[dict[str, Any], pd.DataFrame]:
    return json.loads((folder / f"{name}.json").read_text()), pd.read_csv(folder / f"{name}.csv")


def test_maltreatment_by_gender(published: Path) -> None:
    facts, counts = load(published, "pub_maltreatment_by_gender")
    for block, expected in facts["expected"].items():
        frame = people(counts[counts["block"] == block])
        frame["yes"] = (frame["col_level"] == "yes").astype(float)
        table = prevalence(frame, SIMPLE, "yes", "row_level").set_index("row_level")
        for level, row in table.iterrows():
            assert 100 * row["estimate"] == pytest.approx(expected["printed"][f"pct_{level}"], abs=0.0501)
        x2 = chi2(frame, SIMPLE, "row_level", "col_level", statistic="Chisq").statistic
        assert x2 == pytest.approx(expected["computed"]["chi2"], rel=1e-9)


def test_odds_ratios_of_a_school_survey(published: Path) -> None:
    facts, counts = load(published, "pub_fgc_belief_hadiya")
    odds = {"log odds ratio": lambda m: np.log(m[0] / (1 - m[0])) - np.log(m[1] / (1 - m[1]))}
    for block, expected in facts["expected"].items():
        frame = people(counts[counts["block"] == block])
        frame["yes"] = (frame["col_level"] == "believes_continue").astype(float)
        row = contrast(frame, SIMPLE, "yes", odds, "row_level").iloc[0]
        computed = expected["computed_from_counts"]
        assert np.exp(row["estimate"]) == pytest.approx(computed["or"], rel=1e-9)
        # Woolf's interval is normal and takes no n/(n − 1); ours takes t: alike within half a per cent
        np.testing.assert_allclose(np.exp([row["ci_low"], row["ci_high"]]), computed["ci"], rtol=5e-3)
        if expected["status"].startswith("reproduces"):
            assert computed["or"] == pytest.approx(expected["printed"]["or"], abs=0.0111)
        elif (
            "printed OR" in expected["status"]
        ):  # the counts say otherwise, and the counts are what we report
            assert abs(computed["or"] - expected["printed"]["or"]) > 0.1


def test_youth_violence_has_walds_interval_and_not_wilsons(published: Path) -> None:
    facts, printed = load(published, "pub_youth_violence_ci_sweden")
    for row in printed.itertuples():
        digits = 1 if row.violence_12m == "sexual" and row.sex == "men" else 0
        feasible = facts["expected_feasible_counts"][f"{row.violence_12m}_{row.sex}"]
        for interval in ("wald", "wilson"):
            for events in feasible[interval] or (43,):
                frame = pd.DataFrame({"y": np.repeat([1.0, 0.0], [events, row.n - events])})
                found = prevalence(frame, SIMPLE, "y", interval=interval).iloc[0]
                same = (round(100 * found["ci_low"], digits), round(100 * found["ci_high"], digits)) == (
                    row.printed_lower,
                    row.printed_upper,
                )
                assert same == (feasible[interval] is not None), (row, interval, events)


def test_sampling_errors_follow_our_convention_of_the_design_effect(published: Path) -> None:
    facts, printed = load(published, "pub_sampling_errors_mics_serbia_roma")
    for row in printed.itertuples():
        expected = facts["expected"][row.indicator]
        # deff = se² / (r(1 − r)/(n − 1)), n unweighted: what `prevalence` divides by (see the unit tests)
        deff = row.se**2 / (row.r * (1 - row.r) / (row.unweighted_n - 1))
        assert deff == pytest.approx(expected["deff_from_rounded_inputs"], rel=1e-9)
        if expected["deff_rule_must_hold"]:
            assert deff == pytest.approx(row.deff, abs=facts["tolerance"]["deff"])
