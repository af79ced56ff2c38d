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
    """All that merging may look at: pupils, larger area and outline by district, and its neighbours.

    `outlines` are metres around a district; `borders` metres of border with each neighbour, 0 across open water.
    """

    pupils: Mapping[str, int]
    parents: Mapping[str, str]
    outlines: Mapping[str, float]
    borders: Mapping[str, Mapping[str, float]]

    def size(self, unit: Iterable[str]) -> int:
        """Register pupils."""
        return sum(self.pupils[code] for code in unit)

    def homes(self, unit: Unit) -> frozenset[str]:
        """The larger areas that a unit lies in."""
        return frozenset(self.parents[code] for code in unit)

    def around(self, unit: Unit, unit_of: Mapping[str, Unit]) -> dict[Unit, float]:
        """Metres of border with each neighbouring unit."""
        found: dict[Unit, float] = {}
        for code in sorted(unit):
            for other, metres in self.borders[code].items():
                if other in unit_of and other not in unit:
                    found[unit_of[other]] = found.get(unit_of[other], 0.0) + metres
        return found

    def outline(self, unit: Unit) -> float:
        """Metres around a unit."""
        inner = sum(m for code in sorted(unit) for other, m in self.borders[code].items() if other in unit)
        return sum(self.outlines[code] for code in sorted(unit)) - inner


def _unit_of(units: Iterable[Unit]) -> dict[str, Unit]:
    return {code: unit for unit in units for code in unit}


def _partner(
    unit: Unit, unit_of: Mapping[str, Unit], ground: Ground, minimum: int, at_home: bool
) -> Unit | None:
    """The neighbour to merge with: one that is itself too small, then the one most closely grown together."""
    choices = []
    for other, metres in ground.around(unit, unit_of).items():
        if at_home and ground.homes(unit) != ground.homes(other):
            continue
        closeness = metres / min(ground.outline(unit), ground.outline(other))
        choices.append(((ground.size(other) >= minimum, -closeness, min(other)), other))
    return min(choices)[1] if choices else None


def _merged(units: Sequence[Unit], ground: Ground, minimum: int, *, at_home: bool) -> list[Unit]:
    """`units` joined, smallest first, until each that has a permitted neighbour holds `minimum` pupils."""
    unit_of, alone = _unit_of(units), set[Unit]()
    while True:
        small = [unit for unit in set(unit_of.values()) - alone if ground.size(unit) < minimum]
        if not small:
            return sorted(set(unit_of.values()), key=min)
        unit = min(small, key=lambda unit: (ground.size(unit), min(unit)))
        partner = _partner(unit, unit_of, ground, minimum, at_home)
        if partner is None:
            alone.add(unit)
        else:
            unit_of |= dict.fromkeys(unit | partner, unit | partner)
            alone.clear()


def _branches(atoms: Sequence[Unit], ground: Ground) -> set[Unit]:
    """Connected parts of a connected group of atoms that leave a connected rest: branches of spanning trees."""
    unit_of = _unit_of(atoms)
    beside = {}
    for atom in atoms:  # neighbours of each atom, longest border first
        ranked = sorted(
            (-metres, min(other), other) for other, metres in ground.around(atom, unit_of).items()
        )
        beside[atom] = [other for _, _, other in ranked]
    found = set()
    for root in atoms:
        above: dict[Unit, Unit] = {}
        order = [root]
        for atom in order:  # breadth first; `order` grows as atoms are met
            for other in beside[atom]:
                if other not in above and other != root:
                    above[other] = atom
                    order.append(other)
        branch = {atom: atom for atom in order}
        for atom in reversed(order[1:]):
            found.add(branch[atom])
            branch[above[atom]] |= branch[atom]
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
            border = ground.around(part, dict.fromkeys(unit - part, unit - part))[unit - part]
            choices.append((border / smaller, sorted(part), part))
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
