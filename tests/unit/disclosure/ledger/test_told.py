"""What was told outside the reports is as good as printed: it stands in the ledger, and later releases count on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mapping import cli, verify
from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import (
    ProtectedRelease,
    Status,
    certificate,
    enter,
    keep_counts,
    next_entry,
    note,
    protect,
    read_earlier,
    read_ledger,
    read_policy,
)
from mapping.disclosure.gate.members import Fate, enrol
from mapping.disclosure.units import gather_units
from mapping.errors import InputError

LEDGER = Path("reports") / "ledger" / "ledger.jsonl"
POLICY = read_policy()


def publish(workspace: Path, table: EstimateTable) -> ProtectedRelease:
    release = protect([table], POLICY, read_earlier(workspace), key=b"secret")
    keep_counts(workspace, next_entry(workspace / LEDGER, release), [table], POLICY, release)
    enter(workspace, release)
    return release


@pytest.fixture
def workspace(tmp_path: Path, town: EstimateTable) -> Path:
    publish(tmp_path, town)
    return tmp_path


def a_blank(release: ProtectedRelease, town: EstimateTable) -> tuple[str, int]:
    """A withheld district that nobody needs to be withheld for its own sake, and its count."""
    counts = town.frame.drop_duplicates("key").set_index("key")["events"]
    blanks = [f.key for f in release if f.status is Status.WITHHELD and f.level == "district"]
    key = max(sorted(blanks), key=lambda key: counts[key])
    return key, int(counts[key])


def test_what_was_told_stands_in_the_ledger_and_nothing_else_does(
    workspace: Path, town: EstimateTable
) -> None:
    key, count = a_blank(protect([town], POLICY, key=b"secret"), town)
    assert note(workspace, key, share="12,5 %") == 2
    entry = read_ledger(workspace / LEDGER)[1]
    assert entry.figures == {f"{key} told": {"status": "shown", "share": 12.5, "decimals": 1}}
    assert (workspace / LEDGER).read_bytes() == (workspace / "data/processed/ledger.jsonl").read_bytes()
    assert note(workspace, key, share="12.5") == 2, "told twice, it stands there once"
    assert note(workspace, key, count=count) == 3


def test_later_releases_take_it_as_known_and_print_it_no_more_than_before(
    workspace: Path, town: EstimateTable
) -> None:
    first = protect([town], POLICY, read_earlier(workspace), key=b"secret")
    key, count = a_blank(first, town)
    note(workspace, key, count=count)
    release = protect([town], POLICY, read_earlier(workspace), key=b"secret")
    status = {f.key: f.status for f in release}
    assert status[key] is Status.WITHHELD
    assert release.history == first.history
    members, _ = enrol(gather_units([town], POLICY), town.relations, POLICY, read_earlier(workspace))
    assert (members[key].fate, members[key].grant, members[key].silent) == (Fate.KNOWN, (count, count), True)


def test_the_certificate_of_a_later_release_counts_on_it(
    workspace: Path, town: EstimateTable, write_release: Callable[..., Path], certify: Any
) -> None:
    key, count = a_blank(protect([town], POLICY, key=b"secret"), town)
    note(workspace, key, count=count)
    release = publish(workspace, town)
    folder = write_release(release, [town], workspace / "reports" / "2026", 3)
    certify(folder, {})
    proof = json.loads((folder / "release.json").read_text("utf-8"))["certificate"]
    place = proof["cells"].index(key)
    assert proof["base"][place][0] == count
    assert all(moved[1] == 0 for witness in proof["witnesses"] for moved in witness if moved[0] == place)
    assert verify.main([str(folder)]) == 0
    assert certificate(folder, workspace / "reports", {"S04": 3, "S08": 2}, {}) == proof


@pytest.mark.parametrize(
    ("key", "told", "said"),
    [
        ("2026|S04|district|d99|all", {"share": "5"}, "no release has a cell"),
        ("2026|S04|district|d00|all", {"share": "many"}, "from 0 to 100"),
        ("2026|S04|district|d00|all", {"share": "101"}, "from 0 to 100"),
        ("2026|S04|district|d00|all", {"count": 999}, "not the count"),
        ("2026|S04|district|d00|all", {}, "either the share"),
        ("2026|S04|district|d00|all", {"share": "5", "count": 3}, "either the share"),
    ],
)
def test_what_cannot_have_been_told_is_refused(
    workspace: Path, key: str, told: dict[str, Any], said: str
) -> None:
    before = (workspace / LEDGER).read_bytes()
    with pytest.raises(InputError, match=said):
        note(workspace, key, **told)
    assert (workspace / LEDGER).read_bytes() == before


def test_the_command_says_where_it_stands(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["--workspace", str(workspace), "publish-note", "2026|S04|district|d00|all", "--share", "8"]
    assert cli.main(argv) == 0
    assert "number 2" in capsys.readouterr().out
    assert cli.main([*argv[:3], "nowhere", "--share", "8"]) == InputError.exit_code
