"""Attacks over time: what an earlier release printed, and what became of the record of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mapping.disclosure import (
    ProtectedRelease,
    Status,
    enter,
    keep_counts,
    next_entry,
    protect,
    read_earlier,
    read_policy,
)
from mapping.errors import DisclosureError, SettingsError

LEDGER = Path("reports") / "ledger" / "ledger.jsonl"
Publish = Callable[..., ProtectedRelease]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """What the pipeline does with a release; `remembers=False` leaves out what was published before."""

    def made(
        scene: Any, *, remembers: bool = True, policy: Any = None, key: bytes = b"red"
    ) -> ProtectedRelease:
        policy = policy or read_policy()
        earlier = read_earlier(tmp_path) if remembers else ()
        release = protect([scene.table], policy, earlier, key=key)
        if remembers:
            entry = next_entry(tmp_path / LEDGER, release)
            keep_counts(tmp_path, entry, [scene.table], policy, release)
            enter(tmp_path, release)
        return release

    return made


def two_districts(kit: Any, *, more: tuple[int, int] = (0, 0), codes: tuple[str, str] = ("d1", "d2")) -> Any:
    """Two districts, both shown; `more` respondents and yeses in the first."""
    n, k = 100 + more[0], 20 + more[1]
    cells = [kit.cell(codes[0], n, k), kit.cell(codes[1], 80, 30), kit.cell("M", n + 80, k + 30)]
    return kit.scene(cells, kit.total(kit.key("M"), [kit.key(code) for code in codes]))


@pytest.mark.parametrize(
    "late",
    [(1, 1), (4, 0), (5, 5), (12, 5)],
    ids=["one pupil more", "four late answers", "a late class, all of them yes", "fewer than a base"],
)
def test_a_release_made_again_does_not_tell_of_those_who_came_late(
    kit: Any, publish: Publish, late: tuple[int, int]
) -> None:
    first, again = two_districts(kit), two_districts(kit, more=late)
    publish(first)
    careless, careful = publish(again, remembers=False), publish(again)
    for name in (kit.key("d1"), kit.key("M")):
        known = first.attacker().counts[name][0]  # printed before
        assert again.attacker(careless).range(name) == (known + late[1],) * 2
        low, high = again.attacker(careful).range(name)
        assert low <= known <= high
        assert high - low > 2


def test_a_release_made_again_of_the_same_answers_tells_nothing_new(kit: Any, publish: Publish) -> None:
    """Another key would hide other cells: two patterns for the same counts, laid over each other, uncover both."""
    cells = [kit.cell("d1", 60, 2), *(kit.cell(f"d{i}", 60 + i, 20) for i in range(2, 9))]
    cells.append(kit.cell("A1", sum(c["n"] for c in cells), sum(c["events"] for c in cells)))
    scene = kit.scene(
        [{**c, "n": c["n"]} for c in cells], kit.total(kit.key("A1"), [kit.key(f"d{i}") for i in range(1, 9)])
    )
    first = publish(scene)
    keys = [bytes([number]) for number in range(12)]
    careless = [publish(scene, remembers=False, key=key) for key in keys]
    assert any(again.figures != first.figures for again in careless)
    together = scene.attacker(first, *careless)
    assert together.knows.keys() > scene.attacker(first).knows.keys()

    for key in keys:
        assert publish(scene, key=key).figures == first.figures


def test_what_was_blank_last_year_is_not_in_this_years_table_of_changes(
    kit: Any, request: pytest.FixtureRequest
) -> None:
    """The difference of two shares, with one of them printed, is the other."""
    cells = [kit.cell("A1", 90, 3, wave="2024"), kit.cell("A1", 150, 20, wave="2026")]
    row = {
        "key_earlier": kit.key("A1", wave="2024"), "key_later": kit.key("A1"), "wave_earlier": "2024",
        "wave_later": "2026", "indicator": "S04", "level": "area", "area": "A1", "group": "all", "difference": 0.1,
        "ci_low": 0.02, "ci_high": 0.18, "smallest_detectable": 0.08, "q": 0.01, "comparable": True,
    }  # fmt: skip
    table = kit.table(cells, changes=pd.DataFrame([row]))
    assert protect([table], read_policy(), key=b"red").changes == ()

    request.getfixturevalue("no_gate")
    (change,) = protect([table], read_policy(), key=b"red").changes
    assert change.share_later - change.difference == 3.0


def test_redrawn_borders_do_not_tell_of_the_houses_between_them(kit: Any, publish: Publish) -> None:
    """Old less new borders: three pupils, of whom one said yes."""
    publish(two_districts(kit))
    cells = [kit.cell("d1b", 97, 19), kit.cell("d2b", 83, 31), kit.cell("M", 180, 50)]
    redrawn = kit.scene(cells, kit.total(kit.key("M"), [kit.key("d1b"), kit.key("d2b")]))
    assert redrawn.attacker(publish(redrawn, remembers=False)).range(kit.key("d1b")) == (19, 19)

    low, high = redrawn.attacker(publish(redrawn)).range(kit.key("d1b"))

    assert low < 17
    assert high > 22


def test_a_pool_in_new_borders_does_not_tell_of_the_houses_between_them(kit: Any, publish: Publish) -> None:
    """2024 is out in old borders. 2026 and the pool in new ones give 2024 in new ones, too."""
    old = [kit.cell("d1", 100, 20, wave="2024"), kit.cell("d2", 80, 30, wave="2024")]
    publish(kit.scene(old))
    cells = [
        kit.cell("d1b", 97, 19, wave="2024", publish=False),
        kit.cell("d2b", 83, 31, wave="2024", publish=False),
    ]
    cells += [kit.cell("d1b", 50, 15), kit.cell("d2b", 48, 12)]
    cells += [kit.cell("d1b", 147, 34, wave="2024+2026"), kit.cell("d2b", 131, 43, wave="2024+2026")]
    pools = [
        kit.total(kit.key(d, wave="2024+2026"), [kit.key(d, wave=w) for w in ("2024", "2026")])
        for d in ("d1b", "d2b")
    ]
    redrawn, secret = kit.scene(cells, *pools), kit.key("d1b", wave="2024")
    assert redrawn.attacker(publish(redrawn, remembers=False)).range(secret) == (19, 19)

    low, high = redrawn.attacker(publish(redrawn)).range(secret)

    assert high - low > 3


@pytest.mark.parametrize("harm", ["deleted", "cut short", "deleted with all reports"])
def test_a_ledger_that_is_gone_is_made_whole(
    kit: Any, publish: Publish, tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without what was printed before, one pupil more is one pupil seen."""
    publish(kit.scene([kit.cell("d9", 60, 20, wave="2024")]))
    publish(two_districts(kit))
    ledger = tmp_path / LEDGER
    whole = ledger.read_bytes()

    def wreck() -> None:
        if harm == "cut short":
            ledger.write_bytes(whole.splitlines(keepends=True)[0])
        else:
            ledger.unlink()
        if harm == "deleted with all reports":
            ledger.parent.rmdir()

    again, secret = two_districts(kit, more=(1, 1)), kit.key("d1")
    wreck()
    with monkeypatch.context() as careless:
        careless.setattr("mapping.disclosure.ledger.earlier.mend_ledger", lambda workspace: False)
        open_ = protect([again.table], read_policy(), read_earlier(tmp_path), key=b"red")
    assert again.attacker(open_).range(secret) == (21, 21)

    careful = protect([again.table], read_policy(), read_earlier(tmp_path), key=b"red")

    assert ledger.read_bytes() == whole
    low, high = again.attacker(careful).range(secret)
    assert high - low > 2


def test_a_ledger_that_says_something_else_is_refused(kit: Any, publish: Publish, tmp_path: Path) -> None:
    """Whoever makes old print disappear makes a difference possible; the chain and the owner's copy show it."""
    publish(two_districts(kit))
    ledger, copy = tmp_path / LEDGER, tmp_path / "data" / "processed" / "ledger.jsonl"
    line = json.loads(ledger.read_text(encoding="utf-8"))
    for values in line["figures"].values():
        values["status"] = "withheld"
    forged = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    ledger.write_text(forged, encoding="utf-8")
    with pytest.raises(DisclosureError, match="not the ledger"):
        read_earlier(tmp_path)

    copy.write_text(forged, encoding="utf-8")
    with pytest.raises(DisclosureError, match="not what release 1"):
        read_earlier(tmp_path)


def test_a_policy_is_not_loosened_in_a_workspace(kit: Any) -> None:
    scene, secret = kit.scene([kit.cell("A1", 60, 3)]), kit.key("A1")
    loose = replace(read_policy(), small_count=2)
    assert scene.attacker(scene.protect(policy=loose)).range(secret) == (3, 3)

    for key, value in (("small_count", 2), ("base_n", 20), ("largest_school", 0.9), ("lattice_from", 50)):
        with pytest.raises(SettingsError, match="laxer"):
            read_policy({key: value})


def test_a_policy_loosened_later_opens_no_old_blank(kit: Any, publish: Publish) -> None:
    """Once with a stricter base, then with the default: laid over each other they differ by one cell."""
    cells = [kit.cell("d1", 35, 9), kit.cell("d2", 100, 20), kit.cell("d3", 100, 30), kit.cell("A1", 235, 59)]
    scene = kit.scene(cells, kit.total(kit.key("A1"), [kit.key(f"d{i}") for i in (1, 2, 3)]))
    first = publish(scene, policy=read_policy({"base_n": 40}))
    assert first.one(key=kit.key("d1")).status is Status.WITHHELD
    assert scene.attacker(first, publish(scene, remembers=False)).range(kit.key("d1")) == (9, 9)

    assert not scene.attacker(first, publish(scene)).finds(kit.key("d1"))
