"""A cell is exact (or blank) everywhere or perturbed everywhere: releases and the ledger are looked up."""

from __future__ import annotations

import pandas as pd
import pytest

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import (
    EarlierRelease,
    Entry,
    ProtectedRelease,
    Status,
    perturb,
    protect,
    read_policy,
)
from mapping.errors import DisclosureError

KEY = b"a workspace's secret"


@pytest.fixture(scope="module")
def release(town: EstimateTable) -> ProtectedRelease:
    return protect([town], read_policy(), key=b"secret")


def refused(cell: str, published: ProtectedRelease | EarlierRelease, status: str = "") -> bool:
    cells = pd.DataFrame({"cell": [cell], "value": [7], "status": [status]})
    try:
        perturb(cells, {}, method="controlled_rounding", key=KEY, published=[published])
    except DisclosureError as error:
        return "in a release" in str(error)
    return False


@pytest.mark.parametrize("status", [Status.SHOWN, Status.WITHHELD])
def test_what_this_release_shows_or_withholds_is_no_part_of_a_cube(
    release: ProtectedRelease, status: Status
) -> None:
    key = next(figure.key for figure in release.figures if figure.status is status)

    assert refused(key, release)
    assert refused(f"{key}|events", release)
    assert refused(f"{key}|events", release, "latent")  # known exactly, it would narrow the others
    assert not refused(f"{key.replace('2026', '2031')}|events", release)


def test_what_the_ledger_holds_is_no_part_of_a_cube() -> None:
    earlier = EarlierRelease("2024", 1, Entry(1, "2024", {"2024|S1|area|A|all pupils": {}}, ""), {})

    assert refused("2024|S1|area|A|all|events", earlier)
    assert not refused("2024|S1|area|B|all|events", earlier)
