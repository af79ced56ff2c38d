"""Each target has its own design, and only those two targets exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.concepts.wave import DesignColumns, SurveyFile, Wave


def wave(**columns: object) -> Wave:
    return Wave("2026", "s", ("", ""), "", "enrolled", SurveyFile("x.sav"), Path(), DesignColumns(**columns))  # type: ignore[arg-type]


def test_pupils_are_a_finite_population_of_schools_and_their_pupils() -> None:
    design = wave(school="skola", frame="frame.csv").design("pupils")
    assert design.psu == ["psu", "respondent"]
    assert design.fpc == ["n_schools", "n_registered"]


def test_risk_has_schools_as_clusters_and_no_correction() -> None:
    design = wave(school="skola", frame="frame.csv").design("risk")
    assert design.psu == "psu"
    assert design.fpc is None


def test_a_design_of_its_own_serves_both_targets() -> None:
    given = wave(strata=("district", "stratum"), psu="PSU", weights="weight", lonely_psu="adjust")
    assert given.design("pupils") == given.design("risk")
    assert given.design("risk").strata == "stratum"


def test_another_target_is_refused() -> None:
    with pytest.raises(ValueError, match="target must be"):
        wave().design("schools")
