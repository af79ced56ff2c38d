"""The public model: effective counts from print, withheld places only by their sum, classes of exceedance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from mapping.estimate.small_area.public import PublicRow, _ends, _trials, public_exceedance


def _printed(area: str, events: float, trials: float, base: str, decimals: int = 0) -> PublicRow:
    """A share and its logit limits as the gate prints them: half a step wider, then rounded outwards."""
    p, step = events / trials, 10.0**-decimals
    half = 1.96 / np.sqrt(trials * p * (1 - p))
    low, high = 100 * expit(logit(p) - half) - step / 2, 100 * expit(logit(p) + half) + step / 2
    low, high = max(0.0, np.floor(low / step) * step), min(100.0, np.ceil(high / step) * step)
    return PublicRow(area, "shown", round(100 * p, decimals), low, high, decimals, base)


WHOLE = _printed("0199", 130, 1000, "1 000–1 199")


@pytest.mark.parametrize(("events", "trials"), [(13, 100), (60, 200), (190, 250), (9, 60)])
def test_effective_trials_are_read_back_from_one_decimal(events: float, trials: float) -> None:
    row = _printed("a", events, trials, "", decimals=1)
    assert row.share is not None
    assert row.low is not None
    assert row.high is not None
    assert _trials(row.share, row.low, row.high, 1) == pytest.approx(trials, rel=0.06)


def test_no_more_is_believed_than_the_base_class_allows() -> None:
    tight = PublicRow("a", "shown", 20.0, 19.0, 21.0, 0, "30–49")
    (alone,) = public_exceedance([tight], WHOLE)
    assert alone.high - alone.low > 8


@pytest.mark.parametrize(
    ("base", "ends"),
    [
        ("100–199", (100, 199)),
        ("1 000–1 999", (1000, 1999)),
        ("2\u2009000+", (2000, 2000)),
        ("1,000-1,499", (1000, 1499)),
        ("", (30, 30)),
    ],
)
def test_the_ends_of_a_class_are_read_from_its_text(base: str, ends: tuple[float, float]) -> None:
    assert _ends(base) == ends


def test_a_clear_place_is_told_apart_and_an_average_one_is_not() -> None:
    places = [_printed("high", 60, 200, "150–249"), _printed("low", 6, 200, "150–249")]
    places += [_printed(f"p{i}", 26, 200, "150–249") for i in range(3)]
    classes = {row.area: row.exceedance for row in public_exceedance(places, WHOLE)}
    assert classes["high"] == 4
    assert classes["low"] == 0
    assert classes["p0"] == 2


def test_withheld_places_get_no_row_and_order_is_kept() -> None:
    b, a = _printed("b", 26, 200, "150–249"), _printed("a", 30, 200, "150–249")
    places = [b, PublicRow("w", "withheld"), a]
    assert [row.area for row in public_exceedance(places, WHOLE)] == ["b", "a"]


def test_what_is_inside_a_withheld_row_is_never_read() -> None:
    places = [_printed(f"p{i}", 26, 200, "150–249") for i in range(3)]
    withheld = PublicRow("w", "withheld")
    filled = replace(withheld, share=99.0, low=98.0, high=100.0, base="900–999")
    assert public_exceedance([*places, withheld], WHOLE) == public_exceedance([*places, filled], WHOLE)


def test_the_rest_of_the_municipality_moves_the_level() -> None:
    shown = [_printed(f"p{i}", 26, 200, "150–249") for i in range(4)]
    hidden = [PublicRow(f"w{i}", "withheld") for i in range(6)]
    rest_low = _printed("0199", 110, 2000, "1 900–2 099")
    rest_high = _printed("0199", 500, 2000, "1 900–2 099")
    assert all(row.exceedance >= 3 for row in public_exceedance([*shown, *hidden], rest_low))
    assert all(row.exceedance <= 1 for row in public_exceedance([*shown, *hidden], rest_high))


def test_more_shown_than_the_municipality_holds_is_survived() -> None:
    places = [_printed(f"p{i}", 26, 200, "150–249") for i in range(12)] + [PublicRow("w", "withheld")]
    assert len(public_exceedance(places, WHOLE)) == 12


def test_none_known_counts_as_no_event_with_the_trials_its_limit_tells() -> None:
    places = [_printed(f"p{i}", 26, 200, "150–249") for i in range(4)]
    none = PublicRow("n", "none_known", None, None, 2.0, 0, "150–249")
    row = public_exceedance([*places, none], WHOLE)[-1]
    assert row.exceedance == 0
    assert row.share < 5


def test_limits_at_0_and_100_are_survived() -> None:
    edges = [
        PublicRow("z", "shown", 1.0, 0.0, 6.0, 0, "30–49"),
        PublicRow("f", "shown", 99.0, 94.0, 100.0, 0, "30–49"),
        PublicRow("x", "shown", 50.0, 0.0, 100.0, 0, "30–49"),
        PublicRow("e", "shown", 5.0, 5.0, 5.0, 0, "30–49"),
    ]
    for row in public_exceedance(edges, WHOLE):
        assert row.low < row.share < row.high


def test_without_a_municipal_figure_nothing_is_said() -> None:
    assert public_exceedance([_printed("a", 26, 200, "150–249")], PublicRow("0199", "withheld")) == ()
    assert public_exceedance([PublicRow("a", "withheld")], WHOLE) == ()


def _base(n: int) -> str:
    starts = [30, 50, 100, 200, 500, 1000, 10**9]
    low = max(start for start in starts if start <= n)
    return f"{low}–{starts[starts.index(low) + 1] - 1}" if low < 1000 else "1000+"


@pytest.mark.slow
def test_classes_mean_what_they_say_over_repeated_releases() -> None:
    """Ground (4): 24 places of 40 to 160, a third withheld, 40 releases; Monte Carlo error about 0.03 in the middle."""
    generator = np.random.default_rng(20240902)
    found: list[tuple[int, bool]] = []
    for _ in range(40):
        n = generator.integers(40, 161, 24)
        risk = expit(logit(0.08) + 0.5 * generator.normal(size=24))
        y = generator.binomial(n, risk)
        places = [
            _printed(str(i), y[i], n[i], _base(n[i])) if y[i] >= 5 else PublicRow(str(i), "withheld")
            for i in range(24)
        ]
        level = np.average(risk, weights=n)
        rows = public_exceedance(places, _printed("0199", y.sum(), n.sum(), _base(n.sum()), decimals=1))
        found += [(row.exceedance, bool(risk[int(row.area)] > level)) for row in rows]
    above = {k: np.mean([higher for made, higher in found if made == k]) for k in range(5)}
    assert above[0] < 0.1
    assert above[1] < 0.25
    assert 0.35 < above[2] < 0.65
    assert above[3] > 0.75
    assert above[4] > 0.93
