"""The pattern that pytauargus chooses and the seconds it takes; run by an interpreter of its own that has it."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytauargus import protect


def lines(tree: Mapping[str, Sequence[str]], node: str, depth: int = 0) -> Iterator[str]:
    """The hierarchy below a node as tau-ARGUS reads it."""
    for part in tree.get(node, ()):
        yield "@" * depth + part
        yield from lines(tree, part, depth + 1)


def main() -> None:
    """Read the job, protect the table, write time and withheld cells."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        hierarchies = {}
        for name, tree in job["trees"].items():
            found = list(lines(tree, "T"))
            if any(line.startswith("@") for line in found):
                file = Path(folder, f"{name}.hrc")
                file.write_text("\n".join(found) + "\n", encoding="utf-8")
                hierarchies[name] = str(file)
        start = time.perf_counter()
        table = protect(
            job["rows"],
            list(job["trees"]),
            "count",
            safety_rules=job["rule"],
            suppress=job["method"],
            hrc=hierarchies or None,
            hierleadstring="@",
            workdir=str(Path(folder, "run")),
        ).tables[0]
        seconds = time.perf_counter() - start
        withheld = [
            [row[name].strip() for name in job["trees"]] for row in table.rows if row["status"] in ("U", "M")
        ]
    Path(sys.argv[2]).write_text(json.dumps({"seconds": seconds, "withheld": withheld}), encoding="utf-8")


if __name__ == "__main__":
    main()
