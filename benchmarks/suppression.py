"""Cell suppression side by side, every pattern attacked by the same attacker. ``python benchmarks/suppression.py``

Ours answers what a release asks: every primary cell (1 to 4) can reach the threshold and be something else; zeros may
be withheld. pytauargus (tau-ARGUS with HiGHS, method MOD, minimum frequency 5 with a safety range of 30 %) withholds no
zeros; ARGUS_PYTHON names an interpreter that has it. GaussSuppression and sdcTable are R packages: their patterns
stand beside where the project's oracles are at hand, in the folder that MAPPING_SHARED names. The attacker (`audit`)
knows all relations and that a blank is at least 1 where zeros are printed; a cell is recovered if it can be one number
alone, shown small if it cannot reach the threshold. ``--large`` adds 24 and 60 districts (minutes for each program).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from suppression_inputs import survey

from mapping.disclosure import audit, suppress

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("MAPPING_SHARED", HERE.parents[1] / "shared"))
ORACLES = ("g04_hier", "g06_2way_6x5", "g07_3way_4x4x3", "g08_survey_8d", "g09_survey_12d", "d12")
RULE, METHOD = "FREQ(5,30)", "MOD(1)"
COLUMNS = (
    ("cells", 6),
    ("primary", 8),
    ("further", 8),
    ("people", 8),
    ("exact", 6),
    ("small", 6),
    ("seconds", 9),
)
Job = Mapping[str, Any]


@dataclass(frozen=True)
class Instance:
    """A table to protect: cells with one column per dimension, and relations with the hierarchies."""

    name: str
    cells: pd.DataFrame
    relations: Mapping[str, Any]
    patterns: pd.DataFrame | None = None

    @property
    def trees(self) -> Mapping[str, Mapping[str, list[str]]]:
        """Each dimension's totals with their parts."""
        found: Mapping[str, Mapping[str, list[str]]] = self.relations["hierarchies"]
        return found


def instances(*, large: bool) -> Iterator[Instance]:
    """The oracles' tables where they are at hand, then made-up surveys."""
    for name in ORACLES:
        if (place := SHARED / "oracles" / "sdc" / name).exists():
            relations = json.loads((place / "relations.json").read_text(encoding="utf-8"))
            text = dict.fromkeys(relations["hierarchies"], str)
            cells = pd.read_csv(place / "cells.csv", dtype=text)
            yield Instance(name, cells, relations, pd.read_csv(place / "patterns.csv"))
    for districts in (12, 24, 60) if large else (12,):
        yield made_up(districts)


def made_up(districts: int) -> Instance:
    """Districts < areas < municipality × sex × grade × yes/no."""
    cells, relations = survey(districts).out()
    dimensions = ["geo", "sex", "grade", "answer"]
    cells[dimensions] = cells["cell"].str.split("|", expand=True).to_numpy()
    trees: dict[str, dict[str, list[str]]] = {name: {} for name in dimensions}
    for relation in relations["relations"]:
        (total, _), *parts = relation["terms"]
        first, second = total.split("|"), parts[0][0].split("|")
        axis = next(i for i, (one, other) in enumerate(zip(first, second, strict=True)) if one != other)
        trees[dimensions[axis]][first[axis]] = [part.split("|")[axis] for part, _ in parts]
    return Instance(f"d{districts} (made up)", cells, {**relations, "hierarchies": trees})


def ours(instance: Instance) -> tuple[set[str], float]:
    """What we withhold, and the seconds it takes."""
    start = time.perf_counter()
    pattern = suppress(instance.cells, instance.relations)
    return set(pattern.withheld), time.perf_counter() - start


def argus(instance: Instance) -> tuple[set[str], float] | None:
    """What pytauargus withholds, and the seconds it takes; None where it is not at hand or fails."""
    interpreter = os.environ.get("ARGUS_PYTHON")
    if not interpreter:
        return None
    with tempfile.TemporaryDirectory() as folder:
        job, out = Path(folder, "job.json"), Path(folder, "out.json")
        job.write_text(json.dumps(_job(instance)), encoding="utf-8")
        done = subprocess.run(
            [interpreter, HERE / "argus_peer.py", job, out], capture_output=True, text=True, check=False
        )
        if done.returncode:
            print("  pytauargus: " + done.stderr.strip().splitlines()[-1])
            return None
        found = json.loads(out.read_text(encoding="utf-8"))
    names = {
        tuple(place): cell
        for place, cell in zip(_places(instance, "Total"), instance.cells["cell"], strict=True)
    }
    return {names[tuple(place)] for place in found["withheld"]}, found["seconds"]


def _places(instance: Instance, total: str) -> list[tuple[str, ...]]:
    rows = instance.cells[list(instance.trees)].itertuples(index=False)
    return [tuple(total if label == "T" else label for label in row) for row in rows]


def _job(instance: Instance) -> Job:
    """Respondents one by one, as tau-ARGUS wants them."""
    cells, trees = instance.cells, instance.trees
    inner = ~pd.concat([cells[name].isin(list(tree)) for name, tree in trees.items()], axis=1).any(axis=1)
    people = cells[inner].loc[cells[inner].index.repeat(cells.loc[inner, "value"])]
    rows = {name: people[name].tolist() for name in trees} | {"count": [1] * len(people)}
    return {"rows": rows, "trees": trees, "rule": RULE, "method": METHOD}


def attacked(instance: Instance, withheld: set[str]) -> tuple[int, int]:
    """How many primary cells are recovered exactly, and how many cannot reach the threshold."""
    cells = instance.cells
    primary = cells.loc[cells["primary"].eq(1), "cell"].tolist()
    published = cells[["cell"]].assign(value=cells["value"].where(~cells["cell"].isin(withheld)))
    zeros = bool((published["value"] == 0).any())
    relations = {
        "relations": instance.relations["relations"],
        "ub": instance.relations["ub"],
        "sensitive": primary,
    }
    found = audit(published, relations, known_min=int(zeros)).intervals
    if not found:
        return len(primary), len(primary)
    limits = [found[cell] for cell in primary]
    return sum(low == high for low, high in limits), sum(
        high < instance.relations["threshold"] for _, high in limits
    )


def row(instance: Instance, program: str, withheld: set[str], seconds: float | None) -> str:
    """One line of the table."""
    cells = instance.cells
    secondary = cells["cell"].isin(withheld) & cells["primary"].eq(0)
    exact, small = attacked(instance, withheld)
    found = (
        len(cells),
        int(cells["primary"].sum()),
        int(secondary.sum()),
        int(cells.loc[secondary, "value"].sum()),
        exact,
        small,
        "–" if seconds is None else f"{seconds:.1f}",
    )
    numbers = "".join(
        f"{value if isinstance(value, str) else format(value, ','):>{width}}"
        for value, (_, width) in zip(found, COLUMNS, strict=True)
    )
    return f"{instance.name:16}{program:46}{numbers}"


def main() -> None:
    """Every instance by every program."""
    print(f"{'':16}{'program':46}" + "".join(f"{name:>{width}}" for name, width in COLUMNS))
    for instance in instances(large="--large" in sys.argv):
        print(row(instance, "mapping", *ours(instance)), flush=True)
        if (found := argus(instance)) is not None:
            print(row(instance, "pytauargus 0.6.0 MOD", *found), flush=True)
        recorded = instance.patterns
        for program in (
            [] if recorded is None else [name for name in recorded if name.startswith(("Gauss", "sdc"))]
        ):
            withheld = set(recorded.loc[recorded[program].eq(1), "cell"])
            print(row(instance, program.replace("_", " "), withheld, None), flush=True)


if __name__ == "__main__":
    main()
