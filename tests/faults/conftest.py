"""A hamlet: the smallest municipality that goes the whole way, released once and then asked for more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mapping.demo.place import Place, read_place
from mapping.demo.workspace import build_place

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Ran:
    """How a rebuild ended: its exit code (negative: the signal), what it said, changes to files, seconds."""

    code: int
    said: str
    changes: int
    seconds: float


Rebuild = Callable[..., Ran]
Snapshot = dict[str, bytes]


def hamlet() -> Place:
    """The town with six districts and three schools."""
    town = read_place("town")
    return replace(
        town,
        districts=town.districts[:6],
        schools=town.schools[:3],
        indicators=("S04", "K01"),
        pool_waves=1,
        cases={"hrv": 12, "ipv": 40, "both": 3},
    )


def write_hamlet(folder: Path) -> Path:
    """The hamlet as a workspace of one wave, to be published in Swedish alone."""
    build_place(folder, hamlet(), seed=7)
    shutil.rmtree(folder / "data" / "raw" / "2024")
    (folder / "data" / "raw" / "2026" / "plan.toml").unlink()
    rewrite(folder / "municipality.toml", 'languages = ["sv", "en"]', 'languages = ["sv"]')
    return folder


def rewrite(path: Path, old: str, new: str) -> None:
    """Put `new` in the place of `old`, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def read_all(folder: Path) -> Snapshot:
    """Every file below a folder, hidden ones and leftovers too."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


@pytest.fixture(scope="session")
def rebuilds() -> Iterator[Rebuild]:
    """Rebuilds a workspace in a process of its own: `rebuilds(folder, at=12)`; see nursery.py."""
    if os.name == "nt":
        pytest.skip("needs fork")
    process = subprocess.Popen(
        [sys.executable, HERE / "nursery.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def rebuild(workspace: Path, **task: object) -> Ran:
        process.stdin.write(json.dumps({"workspace": str(workspace), **task}).encode() + b"\n")
        process.stdin.flush()
        return Ran(**json.loads(process.stdout.readline()))

    yield rebuild
    process.stdin.close()
    process.wait(60)
    process.stdout.close()


@dataclass(frozen=True)
class Story:
    """A workspace after its first release, with the settings of the second; what both releases look like."""

    before: Path
    after: Path
    first: Snapshot
    second: Snapshot
    changes: int
    seconds: float

    def copy(self, folder: Path, *, after: bool = False) -> Path:
        """A copy that a test may harm, before or after the second release."""
        return Path(shutil.copytree(self.after if after else self.before, folder / "hamlet"))


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory, rebuilds: Rebuild) -> Story:
    """The hamlet's first release, and its second, which prints an indicator more."""
    before = write_hamlet(tmp_path_factory.mktemp("story") / "before")
    ran = rebuilds(before)
    assert ran.code == 0, ran.said
    first = read_all(before / "reports")
    rewrite(before / "publication.toml", '["S04", "K01"]', '["S04", "S15", "K01"]')
    after = Path(shutil.copytree(before, before.with_name("after")))
    ran = rebuilds(after)
    assert ran.code == 0, ran.said
    second = read_all(after / "reports")
    assert second["ledger/ledger.jsonl"].count(b"\n") == 2
    return Story(before, after, first, second, ran.changes, ran.seconds)


@pytest.fixture(scope="session")
def files() -> Callable[[Path], Snapshot]:
    """Reads every file below a folder."""
    return read_all


@pytest.fixture(scope="session")
def new_hamlet() -> Callable[[Path], Path]:
    """Writes the hamlet, as it is before its first release, into a folder."""
    return write_hamlet
