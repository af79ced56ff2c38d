"""Larger inputs for cell suppression, seeded: all made up, in the exchange format (cells and relations)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

THRESHOLD = 5
SEXES = ("F", "M", "X")
SHARES_OF_SEX = (0.49, 0.49, 0.02)
GRADES = ("7", "9", "2G")
Counts = NDArray[np.int64]


@dataclass
class Input:
    """Cells with their counts, status and relations."""

    values: dict[str, int] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    relations: list[dict[str, Any]] = field(default_factory=list)

    def sums(self, total: str, parts: Sequence[str], sense: str = "=") -> None:
        """The parts add up to the total (or to no less, where the sense is "<=")."""
        terms = [[total, -1 if sense == "=" else 1], *([part, 1 if sense == "=" else -1] for part in parts)]
        relation: dict[str, Any] = {"terms": terms}
        if sense != "=":
            relation["sense"] = sense
        self.relations.append(relation)

    def out(self) -> tuple[pd.DataFrame, dict[str, Any]]:
        """The cells as a frame with their primary flags, and the relations."""
        cells = pd.DataFrame({"cell": list(self.values), "value": list(self.values.values())})
        cells["status"] = cells["cell"].map(self.status).fillna("")
        small = cells["value"].between(1, THRESHOLD - 1)
        cells["primary"] = (small & cells["status"].isin(["", "suppressed_earlier"])).astype(int)
        most = int(cells["value"].max()) + 100
        return cells, {"relations": self.relations, "threshold": THRESHOLD, "ub": most, "integer": True}


Tree = Mapping[str, Sequence[str]]


def cube(axes: Sequence[tuple[Sequence[str], Tree]], inner: Counts) -> Input:
    """All cells of a cube: each axis has leaves and totals (a total is the sum of its parts, listed bottom up)."""
    table = Input()
    labels: list[list[str]] = []
    for axis, (leaves, tree) in enumerate(axes):
        names = list(leaves)
        for total, parts in tree.items():
            more = np.take(inner, [names.index(p) for p in parts], axis=axis).sum(axis=axis, keepdims=True)
            inner = np.concatenate([inner, more], axis=axis)
            names.append(total)
        labels.append(names)
    for where, names_ in zip(np.ndindex(*inner.shape), product(*labels), strict=True):
        table.values["|".join(names_)] = int(inner[where])
    for axis, (_, tree) in enumerate(axes):
        others = [*labels[:axis], [""], *labels[axis + 1 :]]
        for place, (total, parts) in product(product(*others), tree.items()):
            table.sums(_cell(place, axis, total), [_cell(place, axis, part) for part in parts])
    return table


def _cell(place: Sequence[str], axis: int, label: str) -> str:
    return "|".join([*place[:axis], label, *place[axis + 1 :]])


def _geography(districts: int, per_area: int = 8) -> tuple[list[str], dict[str, list[str]]]:
    leaves = [f"D{d:03d}" for d in range(districts)]
    tree: dict[str, list[str]] = {}
    for number, first in enumerate(range(0, districts, per_area)):
        tree[f"A{number:02d}"] = leaves[first : first + per_area]
    tree["T"] = list(tree)
    return leaves, tree


def _people(rng: np.random.Generator, districts: int, size: float) -> Counts:
    """Pupils by district, sex and grade."""
    weight = rng.gamma(3.0, 1.0, districts)
    share = np.einsum("d,s,g->dsg", weight / weight.sum(), SHARES_OF_SEX, [1 / 3, 1 / 3, 1 / 3])
    return rng.multinomial(int(size * districts), share.ravel()).reshape(share.shape)


def survey(
    districts: int, seed: int = 1, size: float = 150.0, shares: Sequence[float] = (0.15, 0.08, 0.1)
) -> Input:
    """Districts < areas < municipality, by sex, grade and yes/no, with all margins."""
    rng = np.random.default_rng(seed)
    people = _people(rng, districts, size)
    level = rng.beta(6, 6, districts)[:, None, None] * 2 * np.array(shares)[None, :, None]
    yes = rng.binomial(people, np.minimum(level, 0.9))
    leaves, tree = _geography(districts)
    return cube(
        [
            (leaves, tree),
            (SEXES, {"T": SEXES}),
            (GRADES, {"T": GRADES}),
            (("yes", "no"), {"T": ("yes", "no")}),
        ],
        np.stack([yes, people - yes], axis=-1),
    )


def indicators(districts: int = 60, count: int = 12, seed: int = 2, size: float = 150.0) -> Input:
    """Indicators that share a base, by district and sex; the last is "any of the first three" (a composite)."""
    rng = np.random.default_rng(seed)
    people = _people(rng, districts, size).sum(axis=2)
    leaves, tree = _geography(districts)
    axes = [(leaves, tree), (SEXES, {"T": SEXES})]
    table = Input()
    levels = np.geomspace(0.01, 0.25, count - 1)
    parts = np.stack([_binomial(rng, people, level) for level in levels], axis=-1)
    first = parts[..., :3]
    most = np.minimum(people, first.sum(axis=-1))
    any_of = rng.integers(first.max(axis=-1), most + 1)
    for number, yes in enumerate([*np.moveaxis(parts, -1, 0), any_of]):
        for answer, counts in (("yes", yes), ("no", people - yes)):
            one = cube(axes, counts)
            _take(table, one, f"|i{number:02d}|{answer}")
    base = cube(axes, people)
    _take(table, base, "|n")
    for place in base.values:
        for number in range(count):
            table.sums(f"{place}|n", [f"{place}|i{number:02d}|{answer}" for answer in ("yes", "no")])
        whole = f"{place}|i{count - 1:02d}|yes"
        for number in range(3):
            table.sums(f"{place}|i{number:02d}|yes", [whole], "<=")
        table.sums(whole, [f"{place}|i{number:02d}|yes" for number in range(3)], "<=")
    return table


def _binomial(rng: np.random.Generator, people: Counts, level: float) -> Counts:
    place = rng.beta(6, 6, len(people))[:, None] * 2 * level
    return rng.binomial(people, np.minimum(place * np.array([1.3, 0.7, 1.0]), 0.9))


def _take(table: Input, part: Input, suffix: str) -> None:
    table.values |= {cell + suffix: value for cell, value in part.values.items()}
    table.relations += [
        {"terms": [[cell + suffix, coefficient] for cell, coefficient in relation["terms"]]}
        for relation in part.relations
    ]


def unsure(districts: int = 40, seed: int = 3) -> Input:
    """yes + no + unsure + declined = n by district and sex: a dense base with many small answers."""
    rng = np.random.default_rng(seed)
    people = _people(rng, districts, 60.0).sum(axis=2)
    answers = np.zeros((*people.shape, 4), dtype=np.int64)
    for where in np.ndindex(*people.shape):
        answers[where] = rng.multinomial(people[where], [0.12, 0.73, 0.09, 0.06])
    leaves, tree = _geography(districts, 5)
    kinds = ("yes", "no", "unsure", "declined")
    return cube([(leaves, tree), (SEXES, {"T": SEXES}), (kinds, {"n": kinds})], answers)


def overlap(districts: int = 30, schools: int = 12, seed: int = 4) -> Input:
    """Districts and schools beside each other; school × district is never published (latent)."""
    rng = np.random.default_rng(seed)
    weight = rng.gamma(0.35, 1.0, (districts, schools))
    people = rng.multinomial(districts * 60, (weight / weight.sum()).ravel()).reshape(districts, schools)
    yes = rng.binomial(people, 0.12)
    table = Input()
    for answer, counts in (("yes", yes), ("no", people - yes), ("n", people)):
        for (d, s), value in np.ndenumerate(counts):
            table.values[f"D{d:02d}xS{s:02d}|{answer}"] = int(value)
            table.status[f"D{d:02d}xS{s:02d}|{answer}"] = "latent"
        for d in range(districts):
            table.values[f"D{d:02d}|{answer}"] = int(counts[d].sum())
            table.sums(f"D{d:02d}|{answer}", [f"D{d:02d}xS{s:02d}|{answer}" for s in range(schools)])
        for s in range(schools):
            table.values[f"S{s:02d}|{answer}"] = int(counts[:, s].sum())
            table.sums(f"S{s:02d}|{answer}", [f"D{d:02d}xS{s:02d}|{answer}" for d in range(districts)])
        table.values[f"T|{answer}"] = int(counts.sum())
        table.sums(f"T|{answer}", [f"D{d:02d}|{answer}" for d in range(districts)])
    for place in [cell.removesuffix("|n") for cell in table.values if cell.endswith("|n")]:
        table.sums(f"{place}|n", [f"{place}|yes", f"{place}|no"])
    return table


def waves(earlier: Input, withheld: frozenset[str], seed: int = 5, gone: float = 0.02) -> Input:
    """A corrected wave after a published one: a few pupils have left every cell; old figures stay as they are.

    `earlier` must be a cube; what stood in print is `published_earlier`, what was blank stays blank.
    """
    rng = np.random.default_rng(seed)
    inner = [cell for cell in earlier.values if "T" not in cell.split("|") and not cell.startswith("A")]
    left = {cell: int(rng.binomial(earlier.values[cell], gone)) for cell in inner}
    now, lost = dict(earlier.values), dict.fromkeys(earlier.values, 0)
    now |= {cell: now[cell] - less for cell, less in left.items()}
    lost |= left
    open_relations = list(earlier.relations)
    known = set(inner)
    while open_relations:  # bottom up
        rest = []
        for relation in open_relations:
            (total, _), *parts = relation["terms"]
            if all(part in known for part, _ in parts):
                now[total] = sum(now[part] for part, _ in parts)
                lost[total] = sum(lost[part] for part, _ in parts)
                known.add(total)
            else:
                rest.append(relation)
        open_relations = rest
    table = Input()
    for suffix, values in (("|old", earlier.values), ("|new", now), ("|gone", lost)):
        table.values |= {cell + suffix: value for cell, value in values.items()}
        table.relations += [
            {"terms": [[cell + suffix, coefficient] for cell, coefficient in relation["terms"]]}
            for relation in earlier.relations
        ]
    for cell in earlier.values:
        table.status[cell + "|old"] = "suppressed_earlier" if cell in withheld else "published_earlier"
        table.status[cell + "|gone"] = "latent"
        table.sums(cell + "|old", [cell + "|new", cell + "|gone"])
    return table


def dense(seed: int = 6, shape: tuple[int, ...] = (8, 6, 5), level: float = 3.0) -> Input:
    """A cube of small counts, nearly all of them primary."""
    rng = np.random.default_rng(seed)
    axes = [([f"{'abc'[k]}{i}" for i in range(size)],) for k, size in enumerate(shape)]
    return cube([(leaves, {"T": leaves}) for (leaves,) in axes], rng.poisson(level, shape))


def singletons(seed: int = 7, districts: int = 30) -> Input:
    """Ones, zeros, and areas with one district (the total is its only part)."""
    rng = np.random.default_rng(seed)
    counts = rng.choice([0, 1, 1, 2, 12, 30], (districts, 3, 2), p=[0.25, 0.25, 0.1, 0.1, 0.2, 0.1])
    leaves = [f"D{d:03d}" for d in range(districts)]
    sizes, tree, first = [1, 2, 5, 1, 4, 7, 1, 9], {}, 0
    for number, size in enumerate(sizes):
        tree[f"A{number}"] = leaves[first : first + size]
        first += size
    tree["T"] = list(tree)
    return cube([(leaves, tree), (SEXES, {"T": SEXES}), (("yes", "no"), {"T": ("yes", "no")})], counts)


def inputs() -> Iterator[tuple[str, Input]]:
    """Every input by name, the small ones first."""
    yield "dense", dense()
    yield "singletons", singletons()
    yield "overlap", overlap()
    yield "unsure", unsure()
    yield "d60", survey(60)
    yield "i12", indicators()
