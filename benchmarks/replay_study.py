"""What a reader learns who runs this program on every table that fits the print: ``python benchmarks/replay_study.py``

Small tables are drawn at random and protected. For each publication all tables of whole numbers that agree with it are
listed, and the program runs on them: those on which it would have withheld other cells are struck out. A withheld
small count is *shown to be small* when every table left has it below the threshold, and *given away* when all agree on
it. The replayer has no secret to guess (no key), knows the key, or tries keys of her own and keeps a table for which
any of them gives the pattern. Without replay no such cell is to be found; this is counted along the way.

``--tables N`` draws N for the gate and four times as many plain ones (20), ``--keys K`` tries K keys (3); writes
docs/replay.md, and what every certificate says of it: src/mapping/disclosure/certify/replay.toml.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mapping.concepts.estimate_table import Relation, row_key
from mapping.disclosure import read_policy, suppress
from mapping.disclosure.gate.decide import decide
from mapping.disclosure.rules import reasons
from mapping.disclosure.units import Estimate, Unit

THRESHOLD = 5
RUNS = 60  # of the program for one publication and one replayer; what is open then is counted as open
MOST = 200_000  # tables that agree with one publication; beyond, it is left out
BASE = 60  # respondents of a district and sex in the gate's tables: known to everybody
ROOT = Path(__file__).resolve().parents[1]
Inner = tuple[int, ...]
Ints = NDArray[np.int64]
READERS = ("no key", "key known", "key unknown")


@dataclass
class Plain:
    """A two-way table with its margins, protected by `suppress` as a release asks."""

    shape: tuple[int, int]
    seen: dict[tuple[Inner, str], frozenset[int]] = field(default_factory=dict)
    zeros_tell = True  # a blank is at least 1 where a zero is printed

    def __post_init__(self) -> None:
        rows, columns = self.shape
        self.places = list(product([*map(str, range(rows)), "T"], [*map(str, range(columns)), "T"]))
        inner = [(str(i), str(j)) for i, j in product(range(rows), range(columns))]
        self.matrix: Ints = np.array(
            [[i in (a, "T") and j in (b, "T") for a, b in inner] for i, j in self.places], dtype=np.int64
        )

    @property
    def name(self) -> str:
        """As the page calls it."""
        return f"{self.shape[0]} × {self.shape[1]} with margins"

    def draw(self, rng: np.random.Generator) -> Inner:
        """Inner counts of mean 10, geometric: four in ten are below the threshold."""
        return tuple(rng.negative_binomial(1, 0.09, self.matrix.shape[1]).tolist())

    def primary(self, inner: Inner) -> Ints:
        """The small cells."""
        values = self.matrix @ np.array(inner)
        return np.flatnonzero((values > 0) & (values < THRESHOLD))

    def withheld(self, inner: Inner, key: str) -> frozenset[int]:
        """The cells that the program withholds."""
        if (inner, key) not in self.seen:
            self.seen[inner, key] = frozenset(self.run(inner, key))
        return self.seen[inner, key]

    def run(self, inner: Inner, key: str) -> Iterator[int]:
        """The program itself."""
        names = ["|".join(place) for place in self.places]
        cells = pd.DataFrame({"cell": names, "value": self.matrix @ np.array(inner), "primary": 0})
        cells.loc[self.primary(inner), "primary"] = 1
        found = suppress(cells, {"relations": list(self.sums())}, {"key": key} if key else None)
        return (names.index(name) for name in found.withheld)

    def sums(self) -> Iterator[Mapping[str, object]]:
        """Rows and columns add up."""
        rows, columns = self.shape
        for label in [*map(str, range(rows)), "T"]:
            yield {"terms": [*([f"{label}|{j}", 1] for j in range(columns)), [f"{label}|T", -1]]}
        for label in [*map(str, range(columns)), "T"]:
            yield {"terms": [*([f"{i}|{label}", 1] for i in range(rows)), [f"T|{label}", -1]]}


class Gate(Plain):
    """Yes and no by district and sex with all totals, decided by the gate; everybody knows the bases."""

    zeros_tell = False

    @property
    def name(self) -> str:
        """As the page calls it."""
        return f"the gate: {self.shape[0]} districts × 2 sexes"

    def draw(self, rng: np.random.Generator) -> Inner:
        """As for plain tables, but nobody says yes who is not there."""
        return tuple(min(count, BASE - THRESHOLD) for count in super().draw(rng))

    def primary(self, inner: Inner) -> Ints:
        """What the rules withhold."""
        policy = read_policy()
        return np.array(
            [i for i, unit in enumerate(self.units(inner)) if reasons(unit, policy)], dtype=np.int64
        )

    def run(self, inner: Inner, key: str) -> Iterator[int]:
        """The gate's decision."""
        units = self.units(inner)
        names = [unit.key for unit in units]
        at = dict(zip(("|".join(place) for place in self.places), names, strict=True))
        relations = [
            Relation(tuple((at[str(cell)], float(c)) for cell, c in row["terms"]))  # type: ignore[attr-defined]
            for row in self.sums()
        ]
        found = decide(dict(zip(names, units, strict=True)), relations, read_policy(), key=key.encode())
        return (names.index(name) for name in found.withheld)

    def units(self, inner: Inner) -> list[Unit]:
        """The cells as the gate sees them."""
        values, bases = self.matrix @ np.array(inner), BASE * self.matrix.sum(axis=1)
        return [
            _unit(*place, int(events), int(n))
            for place, events, n in zip(self.places, values, bases, strict=True)
        ]


def _unit(district: str, sex: str, events: int, n: int) -> Unit:
    level, area = ("municipality", "M") if district == "T" else ("district", f"D{district}")
    group = {"0": "girl", "1": "boy", "T": "all"}[sex]
    share = events / n
    estimate = Estimate("pupils", share, max(0.0, share - 0.05), min(1.0, share + 0.05), "reliable")
    return Unit(
        key=row_key("2026", "S1", level, area, group),
        wave="2026",
        indicator="S1",
        level=level,
        area=area,
        group=group,
        cases=False,
        publish=True,
        sensitivity=3,
        threshold=THRESHOLD,
        n=n,
        events=events,
        register=None,
        n_schools=5,
        largest_school=0.3,
        n_unsure=0,
        estimates=(estimate,),
    )


def worlds(kind: Plain, inner: Inner, withheld: frozenset[int]) -> Iterator[Inner]:
    """All tables of whole numbers that agree with the print."""
    values = kind.matrix @ np.array(inner)
    shown = [cell for cell in range(len(values)) if cell not in withheld]
    rows, rest = kind.matrix[shown].astype(bool), values[shown].astype(int)
    least = int(kind.zeros_tell and bool((rest == 0).any()))
    last = [int(np.flatnonzero(row)[-1]) for row in rows]
    most = BASE if isinstance(kind, Gate) else 2 * int(values.max()) + 100
    table = [0] * len(inner)

    def fill(place: int) -> Iterator[Inner]:
        if place == len(table):
            found = kind.matrix @ np.array(table)
            if all(found[cell] >= least for cell in withheld):
                yield tuple(table)
            return
        within = np.flatnonzero(rows[:, place])
        highest = min([most, *rest[within].tolist()])
        ends = {int(rest[row]) for row in within if last[row] == place}
        choices: Sequence[int] = (
            range(highest + 1) if not ends else [e for e in ends if len(ends) == 1 and e <= highest]
        )
        for count in choices:
            table[place] = count
            rest[within] -= count
            yield from fill(place + 1)
            rest[within] += count

    yield from fill(0)


def replay(
    kind: Plain, inner: Inner, key: str, tried: Sequence[str], rng: np.random.Generator
) -> Counter[str]:
    """What the replayer learns of the small cells of one table."""
    values, withheld, primary = (
        kind.matrix @ np.array(inner),
        kind.withheld(inner, key),
        kind.primary(inner).tolist(),
    )
    agree: list[Inner] = []
    for world in worlds(kind, inner, withheld):
        agree.append(world)
        if len(agree) > MOST:
            return Counter({"left out": len(primary)})
    counts = {world: kind.matrix @ np.array(world) for world in agree}
    low, fixed = set(primary), set(primary)
    found = Counter({"cells": len(primary)})
    found["audit"] = sum(all(counts[world][cell] < THRESHOLD for world in agree) for cell in primary)
    runs = 0
    for number in rng.permutation(len(agree)).tolist():
        world = agree[number]
        up = {cell for cell in low if counts[world][cell] >= THRESHOLD}
        other = {cell for cell in fixed if counts[world][cell] != values[cell]}
        if not up and not other:
            continue
        own = kind.primary(world)
        if not len(own) or not set(own.tolist()) <= withheld:  # then it prints something else
            continue
        if (runs := runs + 1) > RUNS:
            found["open"] = len(low)
            return found
        if any(kind.withheld(world, guess) == withheld for guess in tried):
            low, fixed = low - up, fixed - other
    found["small"], found["given away"] = len(low), len(fixed)
    return found


def study(kind: Plain, tables: int, keys: int) -> Iterator[dict[str, object]]:
    """One row for each replayer, all of them on the same tables."""
    rng = np.random.default_rng(20260101)
    drawn: list[Inner] = []
    while len(drawn) < tables:
        if len(kind.primary(inner := kind.draw(rng))):
            drawn.append(inner)
    for reader in READERS:
        start, total = time.perf_counter(), Counter[str]()
        for number, inner in enumerate(drawn):
            key = "" if reader == "no key" else f"secret {number}"
            tried = [f"guess {guess}" for guess in range(keys)] if reader == "key unknown" else [key]
            total += replay(kind, inner, key, tried, np.random.default_rng(number))
        cells = total["cells"]
        row = {
            "tables": kind.name,
            "replayer": reader,
            "small cells": cells,
            "shown to be small, %": 100 * total["small"] / max(cells, 1),
            "given away, %": 100 * total["given away"] / max(cells, 1),
            "not settled, %": 100 * total["open"] / max(cells, 1),
            "without replay": total["audit"],
        }
        print(row, f"{time.perf_counter() - start:.0f} s", flush=True)
        yield row


def main() -> None:
    """Run the study and write the page."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--tables", type=int, default=20)
    asked.add_argument("--keys", type=int, default=3)
    given = asked.parse_args()
    kinds = (Plain((2, 2)), Plain((2, 3)), Gate((2, 2)), Gate((3, 2)))
    rows = [
        row
        for kind in kinds  # the gate takes longer
        for row in study(kind, given.tables * (1 if isinstance(kind, Gate) else 4), given.keys)
    ]
    from replay_page import write_page, write_statement

    write_page(pd.DataFrame(rows), given.tables, given.keys, ROOT / "docs" / "replay.md")
    gate = {kind.name for kind in kinds if isinstance(kind, Gate)}
    releases = [row for row in rows if row["tables"] in gate and row["replayer"] == "key unknown"]
    write_statement(
        pd.DataFrame(releases), ROOT / "src" / "mapping" / "disclosure" / "certify" / "replay.toml"
    )


if __name__ == "__main__":
    main()
