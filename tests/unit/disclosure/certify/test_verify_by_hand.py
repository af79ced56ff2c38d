"""A release of three cells by hand: each thing the page checks, alone, with the sentence it says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from mapping import verify

HEAD = "key,wave,target,status,share,low,high,decimals,base,count\n"
WHOLE, ONE, OTHER = "2026|S04|municipality|M|all", "2026|S04|area|a|all", "2026|S04|area|b|all"
POLICY = dict(verify.SMALL)
SUM = {
    "terms": [[WHOLE, -1], [ONE, 1], [OTHER, 1]],
    "sense": "=",
    "counts": ["events", "complement"],
}


def proof() -> dict[str, Any]:
    """15 of 150 said yes in the whole town, printed 10 %; the two areas are blank."""
    return {
        "classes": {"S04": 3},
        "at_most": {},
        "replay": {"cells": 75, "shown_small": 1},
        "outdated": {},
        "relations": [],
        "cells": [WHOLE, ONE, OTHER],
        "base": [[15, 135], [1, 60], [14, 75]],
        "witnesses": [[[1, 13, 0], [2, -13, 0]]],
        "short": [],
    }


def said(tmp_path: Path, certificate: dict[str, Any], **other: Any) -> tuple[int, str]:
    folder = tmp_path / "reports" / "2026"
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    table = HEAD + f"{WHOLE},2026,pupils,shown,10,5,16,0,100–199,\n"
    table += "".join(f"{key},2026,pupils,withheld,,,,,,\n" for key in (ONE, OTHER))
    (folder / "tables" / "figures.csv").write_bytes(table.encode())
    about = {
        "wave": "2026",
        "sequence": 1,
        "policy": POLICY,
        "relations": [SUM],
        "files": {"tables/figures.csv": hashlib.sha256(table.encode()).hexdigest()},
        "certificate": certificate,
    }
    (folder / "release.json").write_text(json.dumps(about | other), encoding="utf-8")
    try:
        return 0, verify.check(folder)
    except ValueError as error:
        return 1, str(error)


def test_it_holds(tmp_path: Path) -> None:
    code, sentence = said(tmp_path, proof())
    assert code == 0, sentence
    assert "2 tables" in sentence
    assert "2 withheld cells" in sentence


def test_a_cell_that_no_table_shows_to_be_large_is_refused_even_where_it_is_owned_up(tmp_path: Path) -> None:
    short = [[ONE, "yes", "high", 1], [OTHER, "yes", "low", 14]]
    assert said(tmp_path, proof() | {"witnesses": [], "short": short}) == (
        1,
        f"{ONE}: no table shows that it could be 5 or more",
    )


def test_a_cell_that_cannot_be_low_is_named(tmp_path: Path) -> None:
    moved = [[[1, 12, 0], [2, -12, 0]]]
    assert said(tmp_path, proof() | {"witnesses": moved})[0] == 1
    assert said(tmp_path, proof() | {"witnesses": moved, "short": [[OTHER, "yes", "low", 2]]})[0] == 0


def test_areas_are_parts_of_the_municipality_whatever_is_stated(tmp_path: Path) -> None:
    loose = [{"terms": [[key, 1], [WHOLE, -1]], "sense": "<=", "counts": ["events"]} for key in (ONE, OTHER)]
    tables = {"base": [[15, 135], [1, 60], [14, 75]], "witnesses": [[[1, 13, 0]]], "short": []}
    tables["short"] = [[OTHER, "yes", "low", 14]]
    assert said(tmp_path, proof() | tables, relations=loose)[1].startswith("a table breaks the relation of")


@pytest.mark.parametrize(
    ("yes", "no", "holds"),
    [(15, 135, True), (14, 133, True), (14, 80, False), (20, 185, False), (4, 130, False), (26, 124, False)],
)
def test_what_is_printed_decides_which_counts_agree(yes: int, no: int, holds: bool) -> None:
    """10 % to the nearest whole, limits 5 to 16, a base of 100 to 199; fewer than 5 are never shown."""
    row = {"status": "shown", "share": "10", "low": "5", "high": "16", "decimals": "0", "base": "100–199"}
    assert (verify.heaviness([yes, no], row, 5) <= verify.HEAVIEST) is holds


def test_weights_can_tell_a_share_from_the_counts_by_so_much(tmp_path: Path) -> None:
    row = {"status": "shown", "share": "10", "low": "5", "high": "20", "decimals": "0", "base": "100–199"}
    assert verify.heaviness([15, 135], row, 5) == 1.0
    assert verify.heaviness([17, 133], row, 5) == pytest.approx((200 - 21) * 17 / 21 / 133)
    assert verify.heaviness([13, 137], row, 5) == pytest.approx(19 * 137 / 181 / 13)


def test_a_number_of_cases_is_that_number() -> None:
    assert verify.heaviness([12], {"status": "shown", "count": "12"}, 10) == 1.0
    assert verify.heaviness([13], {"status": "shown", "count": "12"}, 10) == float("inf")


@pytest.mark.parametrize(
    ("change", "other", "sentence"),
    [
        ({"cells": [WHOLE], "base": [[15, 135]]}, {"relations": []}, "missing from the certificate"),
        ({"cells": [WHOLE, ONE, ONE]}, {"relations": []}, "stands twice"),
        ({}, {"sequence": 2}, "does not hold all releases before"),
        ({}, {"files": {"tables/figures.csv": "0" * 64}}, "not the file that was released"),
        ({}, {"policy": POLICY | {"small_count": 3}}, "laxer than the default"),
        ({}, {"relations": []}, "no relation says what it is part of"),
        ({"at_most": {"2026|area|a": 50}}, {}, "more people than there are"),
        ({"base": [[15, 135], [1.0, 60], [14, 75]]}, {}, "negative, not whole"),
        ({"short": [[ONE, "yes", "low", 1]]}, {}, "said to be out of reach"),
    ],
)  # fmt: skip
def test_each_fault_has_its_sentence(
    tmp_path: Path, change: dict[str, Any], other: dict[str, Any], sentence: str
) -> None:
    if "cells" in change:
        change = change | {"witnesses": []}
    code, why = said(tmp_path, proof() | change, **other)
    assert (code, sentence in why) == (1, True), why
