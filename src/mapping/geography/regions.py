"""Joining small places to larger ones on a graph of borders: merge what is too small, split what can be halved.

Regionalisation with a floor on a spatially extensive attribute (Duque, Anselin & Rey 2012, "The
max-p-regions problem", Journal of Regional Science 52(3)), solved greedily and without a random start:
the same register and the same borders give the same areas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Ground", "Unit", "regions"]

Unit = frozenset[str]  # codes of the districts that make one area


@dataclass(frozen=True, slots=True)
class Ground:
    """All that merging may look at: pupils, larger area and outline in metres by district, border by pair."""

    pupils: Mapping[str, int]
    parents: Mapping[str, str]
    outlines: Mapping[str, float]
    borders: Mapping[tuple[str, str], float]

    def size(self, unit: Iterable[str]) -> int:
        """Register pupils."""
        return sum(self.pupils[code] for code in unit)

    def homes(self, unit: Unit) -> frozenset[str]:
        """The larger areas that a unit lies in."""
        return frozenset(self.parents[code] for code in unit)

    def shared(self, one: Unit, other: Unit) -> float | None:
        """Metres of border between two units; None where they do not meet."""
        found = [
            metres
            for (i, j), metres in self.borders.items()
            if (i in one and j in other) or (j in one and i in other)
        ]
        return sum(found) if found else None

    def outline(self, unit: Unit) -> float:
        """Metres around a unit."""
        inner = sum(metres for (i, j), metres in self.borders.items() if i in unit and j in unit)
        return sum(self.outlines[code] for code in unit) - 2 * inner


def _partner(unit: Unit, units: Iterable[Unit], ground: Ground, minimum: int, at_home: bool) -> Unit | None:
    """The neighbour to merge with: one that is itself too small, then the one most closely grown together."""
    choices = []
    for other in units:
        if other is unit or (at_home and ground.homes(unit) != ground.homes(other)):
            continue
        metres = ground.shared(unit, other)
        if metres is not None:
            closeness = metres / min(ground.outline(unit), ground.outline(other))
            choices.append(((ground.size(other) >= minimum, -closeness, min(other)), other))
    return min(choices)[1] if choices else None


def _merged(units: Sequence[Unit], ground: Ground, minimum: int, *, at_home: bool) -> list[Unit]:
    """`units` joined, smallest first, until each that has a permitted neighbour holds `minimum` pupils."""
    units, alone = sorted(units, key=min), set[Unit]()
    while True:
        small = [unit for unit in units if ground.size(unit) < minimum and unit not in alone]
        if not small:
            return units
        unit = min(small, key=lambda unit: (ground.size(unit), min(unit)))
        partner = _partner(unit, units, ground, minimum, at_home)
        if partner is None:
            alone.add(unit)
        else:
            units = sorted(
                [*(other for other in units if other not in (unit, partner)), unit | partner], key=min
            )
            alone.clear()


def _along_borders(node: int, atoms: Sequence[Unit], metres: Mapping[tuple[int, int], float]) -> list[int]:
    """The neighbours of a node, longest border first."""
    return sorted((j for i, j in metres if i == node), key=lambda j: (-metres[node, j], min(atoms[j])))


def _branches(atoms: Sequence[Unit], ground: Ground) -> set[Unit]:
    """Connected parts of a connected group of atoms that leave a connected rest: branches of spanning trees."""
    metres = {
        (i, j): shared
        for i in range(len(atoms))
        for j in range(len(atoms))
        if i != j and (shared := ground.shared(atoms[i], atoms[j])) is not None
    }
    found = set()
    for root in range(len(atoms)):
        above: dict[int, int] = {}
        order = [root]
        for node in order:  # breadth first, along long borders first; `order` grows as nodes are met
            next_ = sorted(
                (j for i, j in metres if i == node), key=lambda j: (-metres[node, j], min(atoms[j]))
            )
            for other in next_:
                if other not in order:
                    above[other] = node
                    order.append(other)
        branch = {node: atoms[node] for node in order}
        for node in reversed(order[1:]):
            found.add(branch[node])
            branch[above[node]] |= branch[node]
    return found


def _split(unit: Unit, atoms: Sequence[Unit], ground: Ground, minimum: int) -> list[Unit]:
    """`unit` cut in two contiguous parts of at least `minimum` pupils where possible, again and again."""
    total = ground.size(unit)
    if total < 2 * minimum:
        return [unit]
    choices = []
    for part in _branches([atom for atom in atoms if atom <= unit], ground):
        smaller = min(ground.size(part), total - ground.size(part))
        if smaller >= minimum:
            # a short new border between two parts of like size
            choices.append(((ground.shared(part, unit - part) or 0.0) / smaller, sorted(part), part))
    if not choices:
        return [unit]
    part = min(choices)[2]
    return [piece for half in (part, unit - part) for piece in _split(half, atoms, ground, minimum)]


def regions(atoms: Sequence[Unit], ground: Ground, minimum: int) -> list[Unit]:
    """`atoms` joined to contiguous units of at least `minimum` pupils each, within one larger area where possible.

    A unit stays below `minimum` only if everything together does. Units are ordered by their smallest code.
    """
    units = _merged(atoms, ground, minimum, at_home=True)
    units = _merged(units, ground, minimum, at_home=False)
    return sorted((part for unit in units for part in _split(unit, atoms, ground, minimum)), key=min)
