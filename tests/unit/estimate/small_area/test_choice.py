"""The rule that chooses a model, recorded in the fit; and models side by side where the data cannot tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mapping.errors import EstimationError
from mapping.estimate.small_area import beta_binomial, bym2, default_model, mrp, school_sensitivity

LINE = [(i, i + 1) for i in range(24)]
TRIALS = np.full(25, 40)
EVENTS = np.arange(25) % 5
FEW = {"events": EVENTS[:6], "trials": TRIALS[:6]}
ALL = {"events": EVENTS, "trials": TRIALS}


@pytest.mark.parametrize(
    ("given", "chosen", "because"),
    [
        pytest.param(FEW | {"adjacency": LINE[:5]}, "beta_binomial", "6 areas with answers", id="few"),
        pytest.param(ALL, "beta_binomial", "no area has a neighbour", id="no map"),
        pytest.param(ALL | {"adjacency": LINE}, "bym2", "25 areas", id="a map"),
        pytest.param(FEW | {"school": np.arange(6)}, "bym2", "schools", id="schools"),
    ],
)
def test_the_choice_is_recorded_with_its_reason(given: dict[str, Any], chosen: str, because: str) -> None:
    note = default_model(**given).notes[0]
    assert note.startswith(f"Model: {chosen}, because")
    assert because in note


def test_the_chosen_model_is_the_model_itself() -> None:
    chosen = default_model(**ALL, adjacency=LINE)
    assert chosen.interval().tobytes() == bym2(**ALL, adjacency=LINE).interval().tobytes()
    few = default_model(**FEW, adjacency=LINE[:5])
    assert few.interval().tobytes() == beta_binomial(**FEW).interval().tobytes()


def test_register_margins_choose_cells() -> None:
    cells = {"sex": np.tile(["boy", "girl"], 3)}
    given = {"cells": cells, "population": np.full(6, 50), "area": np.repeat(np.arange(3), 2)}
    chosen = default_model(**FEW, adjacency=[(0, 1)], **given)
    assert chosen.notes[0].startswith("Model: mrp")
    assert chosen.mean == pytest.approx(mrp(**FEW, **given).mean)


def test_the_rule_counts_withheld_areas_and_reads_no_event() -> None:
    trials = np.where(np.arange(25) < 18, 40, 0)
    sums = [(range(18, 25), 9, 280)]
    events = np.where(trials > 0, EVENTS, 0)
    assert "bym2, because 25" in default_model(events, trials, adjacency=LINE, sums=sums).notes[0]
    assert "18 areas" in default_model(events, trials, adjacency=LINE).notes[0]
    assert (
        default_model(0 * events, trials, adjacency=LINE).notes
        == default_model(events, trials, adjacency=LINE).notes
    )


@pytest.mark.parametrize("given", [{"cells": {"sex": np.arange(6) % 2}}, {"population": np.full(6, 50)}])
def test_cells_and_register_come_together(given: dict[str, Any]) -> None:
    with pytest.raises(EstimationError, match="together"):
        default_model(**FEW, **given)


def test_sensitivity_shows_three_stated_correlations() -> None:
    area = np.arange(25)
    found = school_sensitivity(EVENTS, TRIALS, beta_binomial, area=area, school=area)
    assert list(found) == [0.005, 0.02, 0.05]
    widths = [np.ptp(fit.interval(), axis=1).mean() for fit in found.values()]
    assert widths == sorted(widths)
    assert "0.02, assumed" in found[0.02].notes[-1]
