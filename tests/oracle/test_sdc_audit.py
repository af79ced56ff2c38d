"""The auditor against attacks on the patterns of other programs, and against examples worked by hand.

Ground: an oracle. `references.json` counts, for the pattern of each program, the primary cells that an attacker
recovers exactly; the numbers were made by another attacker.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mapping.disclosure import audit
from mapping.errors import InputError


def patterns(shared: Path) -> list[tuple[Path, str, dict[str, Any]]]:
    root = shared / "oracles" / "sdc"
    references = json.loads((root / "references.json").read_text(encoding="utf-8"))
    return [
        (root / table, program, found)
        for table, programs in references.items()
        if table != "d12"
        for program, found in programs.items()
        if "primary_exactly_recovered_blank_may_be_zero" in found
    ]


def recovered(place: Path, program: str, known_min: int) -> int:
    cells = pd.read_csv(place / "cells.csv")
    blank = pd.read_csv(place / "patterns.csv").set_index("cell")[program]
    out = cells[["cell", "value"]].assign(value=cells["value"].where(cells["cell"].map(blank).eq(0)))
    relations = json.loads((place / "relations.json").read_text(encoding="utf-8"))
    primary = cells.loc[cells["primary"].eq(1), "cell"].tolist()
    verdict = audit(out, relations | {"sensitive": primary}, known_min=known_min)
    return sum(low == high for low, high in verdict.intervals.values())


def test_as_many_cells_are_recovered_from_each_program_as_the_reference_says(shared: Path) -> None:
    compared = patterns(shared)
    assert len(compared) > 30
    for place, program, found in compared:
        for known_min, name in enumerate(("blank_may_be_zero", "blank_known_at_least_1")):
            expected = found[f"primary_exactly_recovered_{name}"]
            assert recovered(place, program, known_min) == expected, (place.name, program, name)


@pytest.mark.slow
def test_the_best_known_program_leaks_102_of_145_cells(shared: Path) -> None:
    place = shared / "oracles" / "sdc" / "d12"
    assert recovered(place, "pytauargus_0.6.0_MOD", 0) == 0
    assert recovered(place, "pytauargus_0.6.0_MOD", 1) == 102


def cells(**values: float | None) -> pd.DataFrame:
    return pd.DataFrame({"cell": list(values), "value": list(values.values())})


def test_a_single_blank_under_a_total_is_its_remainder() -> None:
    verdict = audit(cells(a=17, b=None, T=20), {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]})
    assert verdict.intervals == {"b": (3, 3)}
    assert verdict.exit_code == 1


def test_a_percentage_with_its_base_is_the_count() -> None:
    """5.0 per cent of 40 with one decimal: only 2 of 40 prints so."""
    verdict = audit(
        cells(yes=None, n=40), {"percent": [{"num": "yes", "den": "n", "value": 5.0, "decimals": 1}]}
    )
    assert verdict.leaks == {"yes": "it is 2"}


def test_a_percentage_without_its_base_leaves_several_counts() -> None:
    relations = {"percent": [{"num": "yes", "den": "n", "value": 5.0, "decimals": 1}], "sensitive": ["yes"]}
    low, high = audit(cells(yes=None, n=None), relations).intervals["yes"]
    assert (low, high) == (
        1,
        101,
    )  # 1 of 20 … 101 of 2,000: 5.05 prints as 5.0 where halves go to the even digit


def test_an_interval_alone_gives_back_count_and_base() -> None:
    """Wilson's 95 % limits of 2/40 are 1.4 and 16.5: no other pair up to 2,000 prints them."""
    relations = {"wilson": [{"num": "yes", "den": "n", "lo": 1.4, "hi": 16.5, "decimals": 1}]}
    assert audit(cells(yes=None, n=None), relations).intervals == {"yes": (2, 2), "n": (40, 40)}


@pytest.mark.parametrize(("mode", "interval"), [("nearest", (33, 37)), ("down", (35, 39)), ("up", (31, 35))])
def test_a_rounded_count_is_an_interval(mode: str, interval: tuple[int, int]) -> None:
    relations = {"rounded": [{"cell": "a", "value": 35, "base": 5, "mode": mode}]}
    assert audit(cells(a=None), relations).intervals == {"a": interval}


def test_everybody_in_a_group_is_a_leak() -> None:
    relations = {
        "relations": [{"terms": [["yes", 1], ["no", 1], ["n", -1]]}],
        "groups": [{"num": "yes", "den": "n", "which": "all"}],
        "sensitive": [],
    }
    assert audit(cells(yes=None, no=0, n=12), relations).leaks == {"yes": "everybody in n has the trait"}
    assert audit(cells(yes=None, no=None, n=12), relations).safe


def test_a_count_that_cannot_reach_the_threshold_is_a_leak() -> None:
    relations = {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}], "reach_at_least": 5}
    assert set(audit(cells(a=None, b=None, T=4), relations).leaks) == {"a", "b"}
    assert audit(cells(a=None, b=None, T=5), relations).safe


def test_the_only_person_in_a_cell_knows_more() -> None:
    """1 + 2 = 3: whoever is the one knows the two."""
    relations = {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]}
    truth = cells(a=1, b=2, T=3)
    assert audit(cells(a=None, b=None, T=3), relations, truth=truth).safe
    verdict = audit(cells(a=None, b=None, T=3), relations, truth=truth, insider="ALLONES")
    assert verdict.leaks == {"b": "it is 2 (to the person in a)"}


def test_a_publication_that_contradicts_itself_is_no_safe_one() -> None:
    relations = {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]}
    verdict = audit(cells(a=9, b=None, T=5), relations)
    assert (verdict.contradiction, verdict.exit_code, verdict.safe) == (True, 2, False)


def test_a_truth_that_does_not_fit_is_refused() -> None:
    relations = {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]}
    with pytest.raises(InputError, match="does not agree"):
        audit(cells(a=None, b=None, T=5), relations, truth=cells(a=3, b=3, T=5))


def test_a_blank_known_to_be_at_least_one_is_less_of_a_blank() -> None:
    relations = {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]}
    assert audit(cells(a=None, b=None, T=2), relations).safe
    assert audit(cells(a=None, b=None, T=2), relations, known_min=1).intervals == {"a": (1, 1), "b": (1, 1)}
