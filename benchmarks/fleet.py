"""A fleet of made-up municipalities, to try workflow/Snakefile on: ``python benchmarks/fleet.py FOLDER 40``.

Each is a hamlet of six districts and three schools with two waves, published in Swedish; no two hold the same pupils.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from mapping.demo.place import Place, read_place
from mapping.demo.workspace import build_place

__all__ = ["hamlet", "write_fleet"]


def hamlet(number: int) -> Place:
    """A municipality of the fleet, with a code and a name of its own."""
    town, code = read_place("town"), f"99{number:02d}"
    return replace(
        town,
        code=code,
        name=f"Prövnäs {number}",
        genitive=f"Prövnäs {number}:s",
        districts=tuple(
            replace(district, code=f"{code}{at:02d}") for at, district in enumerate(town.districts[:6], 1)
        ),
        schools=town.schools[:3],
        indicators=("S04", "K01"),
        pool_waves=1,
        cases={"hrv": 12, "ipv": 40, "both": 3},
    )


def write_fleet(folder: Path, size: int) -> None:
    """Write `size` workspaces below `folder`; those that are there already are left alone."""
    for number in range(1, size + 1):
        workspace = folder / f"kommun{number:02d}"
        if not (workspace / "municipality.toml").exists():
            build_place(workspace, hamlet(number), seed=number)
            (workspace / "data" / "raw" / "2026" / "plan.toml").unlink()
            settings = workspace / "municipality.toml"
            text = settings.read_text(encoding="utf-8")
            settings.write_text(
                text.replace('languages = ["sv", "en"]', 'languages = ["sv"]'), encoding="utf-8"
            )


if __name__ == "__main__":
    write_fleet(Path(sys.argv[1]), int(sys.argv[2]))
