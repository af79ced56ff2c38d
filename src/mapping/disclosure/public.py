"""The relations among the cells of a release, as its public files carry them: names and coefficients, no counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mapping.concepts.estimate_table import EstimateTable, Relation
from mapping.disclosure.units import gather_relations

__all__ = ["from_public", "public_relations", "written_relations"]


def public_relations(tables: Sequence[EstimateTable]) -> list[dict[str, Any]]:
    """Every relation among the cells of `tables`, for release.json under "relations".

    Each is ``{"terms": [[key, coefficient], …], "sense": "=" | "<=" | ">=", "counts": ["events", "complement"]}``:
    the sum of coefficient · count stands in that sense to 0. Cells that are never shown appear by name only. Anybody
    can work these relations out from the plan of publication; they are written down so that the audit can be redone.
    """
    return written_relations(replace(r, sense=r.told or r.sense) for r in gather_relations(tables))


def written_relations(relations: Iterable[Relation]) -> list[dict[str, Any]]:
    """Relations as release.json holds them."""
    return [
        {
            "terms": [[key, _plain(coefficient)] for key, coefficient in relation.terms],
            "sense": relation.sense,
            "counts": list(relation.counts),
        }
        for relation in relations
    ]


def from_public(relations: Iterable[Mapping[str, Any]]) -> tuple[Relation, ...]:
    """The relations written by `public_relations`."""
    return tuple(
        Relation(
            tuple((str(key), float(coefficient)) for key, coefficient in relation["terms"]),
            str(relation.get("sense", "=")),
            tuple(relation.get("counts", ("events", "complement"))),
        )
        for relation in relations
    )


def _plain(coefficient: float) -> float:
    return int(coefficient) if float(coefficient).is_integer() else coefficient
