"""The data of the interactive page, cell by cell: a number where the table of figures withholds one is a leak."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mapping.disclosure.auditing.artefacts import read_page
from mapping.disclosure.auditing.written import Written

__all__ = ["told_on_pages"]


def told_on_pages(release: Written, beside: Sequence[Written]) -> Iterator[tuple[str, str, str]]:
    """Key, file and reason for each withheld cell whose place in a column of the page holds a number.

    Columns hold numbers of many cells of one place, so that a number may be one that is printed for another cell.
    """
    silent = frozenset().union(*(other.withheld() for other in (release, *beside)))
    for path in sorted(release.folder.glob("map.*.html")):
        for key in dict.fromkeys(_numbered(path)):
            if key in silent:
                yield key, path.name, "a number stands in its place in the data of the page"


def _numbered(path: Path) -> Iterator[str]:
    """The keys of the cells that have a number in the data of a page."""
    for aside in read_page(path.read_text(encoding="utf-8")).asides:
        for places in _data(aside).get("places", ()):
            for column, values in places.items():
                choice = column.rpartition(" ")[0].split("|")
                if isinstance(values, list) and len(choice) == 3:
                    yield from _keys(choice, places, values)


def _keys(choice: Sequence[str], places: dict[str, Any], values: Sequence[Any]) -> Iterator[str]:
    indicator, wave, group = choice
    for code, value in zip(places.get("code", ()), values, strict=False):
        if value is not None:
            yield f"{wave}|{indicator}|{places.get('level')}|{code}|{group}"


def _data(aside: str) -> dict[str, Any]:
    """The data that stand in a script element; nothing where it holds a program."""
    try:
        content = json.loads(aside)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
