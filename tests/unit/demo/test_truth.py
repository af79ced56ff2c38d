"""What is true in the demo: plausible levels, uneven districts, and the same truth by three ways of counting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping import codebook, ingest, pipeline
from mapping.casework import read_cases
from mapping.concepts.wave import read_wave
from mapping.demo.model import fit, pupil_exposures, school_exposures
from mapping.demo.place import read_place
from mapping.demo.pupils import answers, enrolled, item_states, register
from mapping.demo.questions import read_questions
from mapping.demo.truth import judge, true_risk, true_share

# per cent of pupils in the first wave: what published surveys find, roughly
PLAUSIBLE = {
    "S01": (9, 20), "S03": (15, 22), "S04": (14, 17), "S07": (5, 7), "S08": (9, 13), "S13": (6, 10), "S15": (12, 15),
    "S16": (7, 9), "S19": (12, 16), "S21": (12, 16), "S22": (2.5, 4), "S23": (1, 3), "S24": (2.5, 4), "S25": (9, 13),
}  # fmt: skip


@pytest.mark.parametrize("indicator", PLAUSIBLE)
def test_levels_are_those_of_published_surveys(built, indicator):
    low, high = PLAUSIBLE[indicator]
    assert low <= 100 * built.share(indicator) <= high


def test_partner_choice_is_limited_for_five_to_thirty_per_cent_by_district(city):
    shares = city.by_district("S04")
    assert len(shares) == 24
    assert 0.04 < shares.min() < 0.08
    assert 0.25 < shares.max() < 0.35


def test_neighbours_are_alike_and_yet_uneven(city):
    place = read_place("city")
    at = np.array([district.at for district in place.districts])
    shares = city.by_district("S15").reindex([district.code for district in place.districts]).to_numpy()
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    near = (apart > 0) & (apart < 3.5)
    moran = np.average(np.outer(z := shares - shares.mean(), z), weights=near) / z.var()
    assert 0.2 < moran < 0.9


def test_girls_are_hit_harder_except_by_the_duty_to_control(built):
    for indicator in ("S04", "S07", "S15", "S22", "S24"):
        assert built.share(indicator, group="girl") > 1.1 * built.share(indicator, group="boy")
    assert built.share("S25", group="boy") > 1.1 * built.share("S25", group="girl")


def test_parts_never_exceed_wholes(built):
    for part, whole in (
        ("S05", "S04"),
        ("S01", "S03"),
        ("S15", "S03"),
        ("S17", "S16"),
        ("S15", "S18"),
        ("S16", "S18"),
    ):
        assert built.share(part) < built.share(whole)


def test_partner_choice_changes_a_little_and_the_rest_stays(built):
    assert 0.01 < built.share("S04", "2024") - built.share("S04", "2026") < 0.03
    for indicator in ("S01", "S07", "S13", "S16", "S22", "S24"):
        assert built.share(indicator, "2026") == pytest.approx(built.share(indicator, "2024"), abs=1e-3)


def test_districts_make_up_the_municipality(built):
    shares = built.truth.pupils.query("wave == '2026' and indicator == 'S04' and group == 'all'")
    districts = shares[shares["area"] != built.code]["share"]
    assert districts.min() < built.share("S04", "2026", kind="pupils") < districts.max()


@pytest.mark.parametrize("indicator", ["S04", "S15", "S16", "S17", "S22", "S27"])
def test_true_risk_is_what_many_years_of_pupils_show(simulated, indicator):
    # 30 cohorts of 723 pupils with new schools each time; four Monte Carlo standard errors
    risk, cohorts = simulated
    expected = risk.set_index(["indicator", "area", "group"])["share"][indicator, "0197", "all"]
    shares = cohorts.query("indicator == @indicator and area == '0197' and group == 'all'")["share"]
    assert shares.mean() == pytest.approx(expected, abs=4 * shares.std() / np.sqrt(len(shares)))


@pytest.fixture(scope="module")
def simulated() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng, place = np.random.default_rng(11), read_place("town")
    model = fit(place, read_questions(), rng)
    counts = register(place, rng)
    cohorts = []
    for _ in range(30):
        pupils = enrolled(place, counts, "2024", rng)
        given = answers(model, "2024", pupils, school_exposures(place, rng), rng)
        judged = judge(*item_states(model.questions, given))
        cohorts.append(true_share(judged, "2024", pupils["home"], pupils["girl"], place.code))
    cells = pupils.groupby(["home", "girl"]).size().rename("n").reset_index()
    return true_risk(model, "2024", cells, place.code), pd.concat(cohorts)


def test_exposures_are_correlated_as_stated():
    control, violence = pupil_exposures(200_000, np.random.default_rng(3))
    assert control.std() == pytest.approx(1.15, abs=0.01)
    assert np.corrcoef(control, violence)[0, 1] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("wave", ["2024", "2026"])
def test_readers_and_codebook_find_what_the_demo_hid(city, wave):
    read = read_wave(city.folder / "data" / "raw" / wave / "wave.toml")
    responses = pipeline.read_survey(read.folder / read.file.path, read)
    found = codebook.evaluate(codebook.load(), responses.frame)
    assert len(responses.frame) == city.truth.answered[wave]
    weight = responses.frame["weight"].to_numpy()
    for indicator in sorted(set(city.truth.pupils["indicator"])):
        valid = found[indicator].isin(["yes", "no"]).to_numpy()
        yes = found[indicator].eq("yes").to_numpy()
        share = weight[yes].sum() / weight[valid].sum()
        true = city.share(indicator, wave, kind="pupils")
        # a census with a quarter missing at random: standard error of a simple random sample times sqrt(1 - 3/4)
        error = np.sqrt(true * (1 - true) / valid.sum()) * np.sqrt(0.26)
        assert share == pytest.approx(true, abs=4.5 * error), indicator


def test_unsure_answers_are_as_common_as_in_real_surveys(city):
    read = read_wave(city.folder / "data" / "raw" / "2026" / "wave.toml")
    found = codebook.evaluate(codebook.load(), ingest.read_survey(read.folder / read.file.path, read).frame)
    assert 0.05 < found["S04"].eq("unsure").mean() < 0.09
    assert found["S04"].eq("declined").mean() > 0.005


def test_the_case_extract_holds_the_cases_that_the_truth_counts(built):
    for wave in ("2024", "2026"):
        read = read_wave(built.folder / "data" / "raw" / wave / "wave.toml")
        counts = read_cases(None, read)
        true = built.truth.cases.query("wave == @wave and area == @built.code").set_index("indicator")["n"]
        assert {indicator: counts.totals[indicator] for indicator in true.index} == true.to_dict()
