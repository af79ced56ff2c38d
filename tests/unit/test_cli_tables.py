"""The commands on plain tables: every exit code, what is written, and what is refused."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mapping import cli

CELLS = """cell,place,value,primary
r0|c0,a,3,1
r0|c1,b,6,0
r0|T,T,9,0
r1|c0,a,7,0
r1|c1,b,8,0
r1|T,T,15,0
T|c0,a,10,0
T|c1,b,14,0
T|T,T,24,0
"""
SUMS = [
    [["r0|T", -1], ["r0|c0", 1], ["r0|c1", 1]],
    [["r1|T", -1], ["r1|c0", 1], ["r1|c1", 1]],
    [["T|T", -1], ["T|c0", 1], ["T|c1", 1]],
    [["T|c0", -1], ["r0|c0", 1], ["r1|c0", 1]],
    [["T|c1", -1], ["r0|c1", 1], ["r1|c1", 1]],
]
RELATIONS: dict[str, Any] = {"relations": [{"terms": terms} for terms in SUMS], "threshold": 5}


class Desk:
    """A folder with a table in it, and the two commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write(CELLS, RELATIONS)

    def write(self, cells: str, relations: object) -> None:
        (self.folder / "cells.csv").write_text(cells, encoding="utf-8")
        text = relations if isinstance(relations, str) else json.dumps(relations)
        (self.folder / "relations.json").write_text(text, encoding="utf-8")

    def suppress(self, *more: str, out: str = "published.csv") -> int:
        return cli.main(
            ["suppress", *self.paths("cells.csv", "relations.json"), "-o", *self.paths(out), *more]
        )

    def audit(self, *more: str, published: str = "published.csv") -> int:
        return cli.main(["audit-table", *self.paths(published, "relations.json"), *more])

    def paths(self, *names: str) -> list[str]:
        return [str(self.folder / name) for name in names]

    def published(self) -> list[dict[str, str]]:
        with (self.folder / "published.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_protected_table_is_safe_and_says_nothing_of_why(desk: Desk) -> None:
    assert desk.suppress() == 0
    rows = desk.published()
    assert list(rows[0]) == ["cell", "place", "value"]
    assert {row["cell"] for row in rows if not row["value"]} >= {"r0|c0"}
    assert {row["cell"]: row["place"] for row in rows}["r1|c1"] == "b"
    assert {row["cell"]: row["value"] for row in rows}["T|T"] == "24"
    assert desk.audit() == 0


def test_the_order_of_rows_changes_nothing_and_tells_nothing(desk: Desk) -> None:
    assert desk.suppress() == 0
    first = (desk.folder / "published.csv").read_bytes()
    head, *rows = CELLS.splitlines()
    desk.write("\n".join([head, *reversed(rows)]), RELATIONS)
    assert desk.suppress() == 0
    assert (desk.folder / "published.csv").read_bytes() == first


def test_a_blank_that_follows_from_the_margins_is_a_leak(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk.folder / "published.csv").write_text("cell,value\na,17\nb,\nT,20\n", encoding="utf-8")
    desk.write(CELLS, {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]})
    assert desk.audit() == 1
    assert capsys.readouterr().out == "b,3,3,it is 3\n"


def test_a_percentage_with_its_base_is_the_count(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.folder / "published.csv").write_text("cell,value\nyes,\nn,40\n", encoding="utf-8")
    desk.write(CELLS, {"percent": [{"num": "yes", "den": "n", "value": 5.0, "decimals": 1}]})
    assert desk.audit() == 1
    assert capsys.readouterr().out.startswith("yes,2,2,")


def test_a_publication_that_contradicts_itself_ends_with_two(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk.folder / "published.csv").write_text("cell,value\na,17\nb,4\nT,20\n", encoding="utf-8")
    desk.write(CELLS, {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]})
    assert desk.audit() == 2
    assert "contradicts itself" in capsys.readouterr().err


def test_cells_that_nothing_can_protect_are_withheld_named_and_end_with_one(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = "cell,value,primary,status\na,3,1,\nb,17,0,published_earlier\nT,20,0,published_earlier\n"
    desk.write(cells, {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]})
    assert desk.suppress() == 1
    assert "a" in capsys.readouterr().err.rsplit(": ", 1)[1]
    assert {row["cell"]: row["value"] for row in desk.published()} == {"a": "", "b": "17", "T": "20"}
    assert desk.audit() == 1


def test_latent_cells_are_written_empty(desk: Desk) -> None:
    cells = "cell,value,primary,status\na,30,0,latent\nb,17,0,\nT,47,0,\n"
    desk.write(cells, {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]})
    assert desk.suppress() == 0
    assert {row["cell"]: row["value"] for row in desk.published()}["a"] == ""


def test_one_who_knows_herself_recovers_her_neighbour(desk: Desk) -> None:
    (desk.folder / "published.csv").write_text("cell,value\na,\nb,\nT,4\n", encoding="utf-8")
    (desk.folder / "truth.csv").write_text("cell,value\na,1\nb,3\nT,4\n", encoding="utf-8")
    desk.write(CELLS, {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]})
    truth = ["--truth", *desk.paths("truth.csv")]
    assert desk.audit(*truth) == 0
    assert desk.audit(*truth, "--insider", "a") == 1
    assert desk.audit(*truth, "--insider", "ALLONES") == 1
    assert desk.audit("--insider", "a") == 3
    assert desk.audit(*truth, "--insider", "nobody") == 3


def test_what_is_known_of_every_blank_narrows_it_down(desk: Desk) -> None:
    (desk.folder / "published.csv").write_text("cell,value\na,\nb,\nT,2\n", encoding="utf-8")
    desk.write(CELLS, {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]})
    assert desk.audit() == 0
    assert desk.audit("--known-min", "1") == 1


def test_a_truth_that_was_not_published_is_bad_input(desk: Desk) -> None:
    (desk.folder / "published.csv").write_text("cell,value\na,\nb,\nT,4\n", encoding="utf-8")
    (desk.folder / "truth.csv").write_text("cell,value\na,1\nb,4\nT,5\n", encoding="utf-8")
    desk.write(CELLS, {"relations": [{"terms": [["a", 1], ["b", 1], ["T", -1]]}]})
    assert desk.audit("--truth", *desk.paths("truth.csv")) == 3


ONE = "cell,value,primary\na,3,1\nb,9,0\n"
SUM = {"relations": [{"terms": [["a", 1], ["b", -1]]}]}


@pytest.mark.parametrize(
    ("cells", "relations", "said"),
    [
        ("cell,count,primary\na,3,1\n", {}, "'value' is missing"),
        ("cell,value\na,3\n", {}, "'primary' is missing"),
        ("cell;value;primary\na;3;1\n", {}, "'cell' is missing"),
        ("", {}, "'cell' is missing"),
        ("cell,value,primary\n", {}, "no row"),
        ("cell,value,primary\na,3,1\na,4,0\n", {}, "stands twice"),
        ("cell,value,value,primary\na,3,3,1\n", {}, "'value' stands twice"),
        ("cell,value,primary\n,3,1\n", {}, "no name"),
        ("cell,value,primary\na,,1\n", {}, "the value is missing"),
        ("cell,value,primary\na,NaN,1\n", {}, "no number of persons"),
        ("cell,value,primary\na,-1,1\n", {}, "no number of persons"),
        ("cell,value,primary\na,inf,1\n", {}, "no number of persons"),
        ("cell,value,primary\na,three,1\n", {}, "no number of persons"),
        ("cell,value,primary\na,1e300,1\n", {}, "no number of persons"),
        ("cell,value,primary\na,2.5,1\n", {}, "fraction"),
        ("cell,value,primary\na,3,2\n", {}, "'primary' must hold"),
        ("cell,value,primary\na,3,1,9\n", {}, "4 columns"),
        ("cell,value,primary\na,3\n", {}, "2 columns"),
        ("cell,value,primary,status\na,3,1,secret\n", {}, "unknown status"),
        ("cell,value,primary,hi\na,3,1,2\n", {}, "outside"),
        ("cell,value,primary,n\na,3,1,3\nb,9,0,9\n", {}, "repeats the counts"),
        (ONE, "{", "cannot be read"),
        (ONE, "[]", "JSON object"),
        (ONE, '{"a":' * 9999, "cannot be read"),
        (ONE, '{"relations":[{"terms":[["a",NaN]]}]}', "each term is a pair"),
        (ONE, {"relation": []}, "Did you mean 'relations'"),
        (ONE, {"relations": {}}, "must be a list"),
        (ONE, {"relations": [1]}, "must be an object"),
        (ONE, {"relations": [{"sense": "="}]}, "'terms' is missing"),
        (ONE, {"relations": [{"terms": []}]}, "no terms"),
        (ONE, {"relations": [{"terms": ["a", "b"]}]}, "each term is a pair"),
        (ONE, {"relations": [{"terms": [["a", "1"]]}]}, "each term is a pair"),
        (ONE, {"relations": [{"terms": [["a", 1], ["zz", 1]]}]}, "'zz' has no row"),
        (ONE, {"relations": [{"terms": [["a", 1]], "sense": "=="}]}, "'sense' cannot be"),
        (ONE, {"relations": [{"terms": [["a", 1]], "rhs": "3"}]}, "'rhs' cannot be"),
        (ONE, {"percent": [{"num": "a", "den": "zz", "value": 5}]}, "'zz' has no row"),
        (ONE, {"sensitive": ["zz"]}, "'zz' has no row"),
        (ONE, {"rounded": [{"cell": "a", "value": 5, "base": 0}]}, "'base' cannot be"),
        (ONE, {"min_width": "wide"}, "'min_width' cannot be"),
        (ONE, SUM, "do not satisfy the relations"),
    ],
)
def test_bad_input_ends_with_three_and_writes_nothing(
    desk: Desk, capsys: pytest.CaptureFixture[str], cells: str, relations: object, said: str
) -> None:
    desk.write(cells, relations)
    assert desk.suppress() == 3
    assert said in capsys.readouterr().err
    assert not (desk.folder / "published.csv").exists()


@pytest.mark.parametrize(
    ("published", "relations", "said"),
    [
        ("cell\na\n", {}, "'value' is missing"),
        ("cell,value\na,x\n", {}, "no number of persons"),
        ("cell,value\na,\na,\n", {}, "stands twice"),
        ("cell,value\na,\n", {"groups": [{"num": "a", "den": "b"}]}, "'b' has no row"),
        ("cell,value\na,\n", {"wilson": [{"num": "a", "den": "a", "lo": 1}]}, "'hi' is missing"),
    ],
)
def test_a_publication_that_cannot_be_read_ends_with_three(
    desk: Desk, capsys: pytest.CaptureFixture[str], published: str, relations: object, said: str
) -> None:
    desk.write(published, relations)
    assert desk.audit(published="cells.csv") == 3
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("threshold = ", "cannot be read"),
        ('threshold = "5"', "'threshold' cannot be"),
        ("threshold = 0", "'threshold' cannot be"),
        ("known_min = 2", "'known_min'"),
        ('requirement = "none"', "'requirement'"),
        ("limit = 5", "unknown key 'limit'"),
    ],
)
def test_a_policy_that_is_none_ends_with_three(
    desk: Desk, capsys: pytest.CaptureFixture[str], policy: str, said: str
) -> None:
    (desk.folder / "policy.toml").write_text(policy, encoding="utf-8")
    assert desk.suppress("--policy", *desk.paths("policy.toml")) == 3
    assert said in capsys.readouterr().err


def test_a_policy_is_followed(desk: Desk) -> None:
    (desk.folder / "policy.toml").write_text('requirement = "plus_minus_1"\n', encoding="utf-8")
    assert desk.suppress("--policy", *desk.paths("policy.toml")) == 0
    assert desk.suppress("--policy", *desk.paths("gone.toml")) == 3


def test_files_that_are_not_there_end_with_three(desk: Desk) -> None:
    assert desk.audit(published="gone.csv") == 3
    (desk.folder / "relations.json").unlink()
    assert desk.suppress() == 3


def test_the_counts_are_never_written_over(desk: Desk) -> None:
    assert desk.suppress(out="cells.csv") == 3
    assert (desk.folder / "cells.csv").read_text(encoding="utf-8") == CELLS


def test_a_result_that_cannot_be_written_leaves_the_old_one(desk: Desk) -> None:
    (desk.folder / "published.csv").write_text("old", encoding="utf-8")
    desk.write(CELLS, {"relations": [{"terms": [["zz", 1]]}]})
    assert desk.suppress() == 3
    assert (desk.folder / "published.csv").read_text(encoding="utf-8") == "old"
    (desk.folder / "taken").mkdir()
    desk.write(CELLS, RELATIONS)
    assert desk.suppress(out="taken") == 3


@pytest.mark.parametrize(
    "argv",
    [
        ["suppress", "a.csv"],
        ["audit-table"],
        ["audit-table", "a", "b", "--x"],
        ["audit-table", "a", "b", "--known-min", "x"],
    ],
)
def test_wrong_use_is_bad_input_too(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(argv)
    assert stop.value.code == 3


def test_the_commands_answer_as_programs(desk: Desk) -> None:
    for argv, code in (
        (["suppress", *desk.paths("cells.csv", "relations.json"), "-o", *desk.paths("published.csv")], 0),
        (["audit-table", *desk.paths("published.csv", "relations.json"), "--known-min", "1"], 0),
        (["audit-table", *desk.paths("gone.csv", "relations.json")], 3),
    ):
        run = subprocess.run([sys.executable, "-m", "mapping", *argv], capture_output=True, check=False)
        assert run.returncode == code, run.stderr
