"""The certificate: it holds, it is made of print alone, and it knows the releases before."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mapping import verify
from mapping.disclosure import protect, read_policy

CLASSES = {"S04": 3, "S08": 2}
Json = dict[str, Any]


def load(folder: Path) -> Json:
    found: Json = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    return found


def dump(folder: Path, about: Json) -> None:
    (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")


def exit_code(folder: Path) -> int:
    return verify.main([str(folder / "release.json")])


def test_the_certificate_of_every_release_holds(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(reports / "2024") == exit_code(reports / "2026") == 0
    assert capsys.readouterr().out.count("the certificate holds") == 2


def test_the_page_runs_by_itself_without_this_program(reports: Path) -> None:
    page = shutil.copy(verify.__file__, reports.parent / "page.py")
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(page), str(reports / "2026" / "release.json")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=reports.parent,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_it_speaks_of_every_cell_that_is_not_shown_also_of_those_of_the_wave_before(reports: Path) -> None:
    cells = set(load(reports / "2026")["certificate"]["cells"])
    for wave in ("2024", "2026"):
        with (reports / wave / "tables" / "figures.csv").open(encoding="utf-8", newline="") as file:
            assert cells >= {row["key"] for row in csv.DictReader(file)}


def test_it_is_made_of_print_alone_and_is_the_same_bytes_again(reports: Path) -> None:
    """Nothing of the owner's is there; the process, and the order of its sets, is another."""
    program = (
        "import json, sys; from pathlib import Path; from mapping.disclosure import certificate;"
        "a, known = Path(sys.argv[1]), [json.loads(text) for text in sys.argv[2:]];"
        "print(json.dumps(certificate(a, a.parent, *known)))"
    )
    at_most = json.dumps({"2026|municipality|M": 900, "2024|district|d00": 60})
    said = {
        subprocess.run(
            [sys.executable, "-c", program, str(reports / "2026"), json.dumps(CLASSES), at_most],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert said == {json.dumps(load(reports / "2026")["certificate"])}


def test_it_does_not_tell_cells_that_a_rule_withheld_from_others(reports: Path) -> None:
    """Every blank has the same targets: what is listed as out of reach follows from what is shown."""
    about = load(reports / "2026")
    assert set(about["certificate"]) == {
        "classes", "at_most", "outdated", "relations", "cells", "base", "witnesses", "short",
        "replay",
    }  # fmt: skip
    for key, _, way, _ in about["certificate"]["short"]:
        assert way == "low" or key.endswith("|rest") or "|elsewhere|" in key


def test_a_wave_counted_anew_has_cells_of_its_own(
    reports: Path, pupils: Any, tabulate: Any, write_release: Any, certify: Any
) -> None:
    """The first release of 2026 stays in the ledger; the second prints other figures for the same cells."""
    table = tabulate(pupils(5, wave="2026"))
    release = protect([table], read_policy(), key=b"secret")
    shutil.rmtree(reports / "2026")
    folder = write_release(release, [table], reports / "2026", 3)
    certify(folder, {})
    proof = load(folder)["certificate"]
    assert proof["outdated"] == {"2": "@2"}
    assert any(key.endswith("@2") for key in proof["cells"])
    assert exit_code(folder) == 0


def test_identical_print_of_a_wave_is_taken_to_be_of_the_same_answers(reports: Path, certify: Any) -> None:
    about = load(reports / "2026")
    path = reports / "ledger" / "ledger.jsonl"
    first, second = path.read_text("utf-8").splitlines()
    third = json.loads(second) | {"sequence": 3, "previous": hashlib.sha256(second.encode()).hexdigest()}
    line = json.dumps(third, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    path.write_text(f"{first}\n{second}\n{line}\n", encoding="utf-8")
    dump(reports / "2026", about | {"sequence": 3})
    certify(reports / "2026", {})
    assert load(reports / "2026")["certificate"]["outdated"] == {}
    assert exit_code(reports / "2026") == 0
