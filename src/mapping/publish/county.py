"""A county from what its municipalities have published: files that anyone can read, and nothing else.

Each municipality's release.json and figures.csv lie in a folder of their own. Only their printed figures enter, so the
sums reveal nothing that the releases do not; a municipality that cannot report a figure is left out and counted.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mapping.concepts.settings import read_settings
from mapping.disclosure.protected import Figure, Status
from mapping.errors import InputError, SettingsError

__all__ = ["County", "Neighbour", "Summed", "cases_together", "read_county", "shares_together"]

SETTINGS, RELEASE, FIGURES = "county.toml", "release.json", "figures.csv"
LARGEST = 50_000_000  # bytes; no release's table is that long


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure as another municipality has printed it; nothing in it was withheld from anyone."""

    indicator: str
    wave: str
    level: str
    group: str
    target: str
    status: Status
    share: float | None
    low: float | None
    high: float | None
    count: int | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another municipality's printed figures for the whole of it, by indicator."""

    code: str
    name: str
    wave: str
    figures: Mapping[str, Printed]


@dataclass(frozen=True, slots=True)
class County:
    """The county's name, the other municipalities, and how many pupils each register holds (by code)."""

    name: str
    neighbours: tuple[Neighbour, ...]
    pupils: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summed:
    """What several municipalities report together: a count, or a share with its limits; `reported` of them can be
    told, `silent` not."""

    reported: int
    silent: int
    count: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None


def read_county(folder: Path) -> County | None:
    """The county described by `folder` (county.toml, and a folder with release.json and figures.csv for each other
    municipality); None where there is none.

    Raises
    ------
    SettingsError, InputError
        If a file is missing, is not the one its release names, or holds a figure that cannot be.
    """
    if not (folder / SETTINGS).exists():
        return None
    top = read_settings(folder / SETTINGS)
    name, pupils = top.get("name", str), top.section("pupils")
    registered = {code: pupils.get(code, int) for code in pupils.names()} if pupils else {}
    top.done()
    found = [_neighbour(path) for path in sorted(folder.iterdir()) if path.is_dir()]
    codes = [neighbour.code for neighbour in found]
    if twice := [code for code in codes if codes.count(code) > 1]:
        raise SettingsError(
            f"{folder.name}: the municipality {twice[0]} stands twice. Remove one of its folders."
        )
    return County(name, tuple(found), registered)


def _neighbour(folder: Path) -> Neighbour:
    place = f"{folder.parent.name}/{folder.name}"
    try:
        about = json.loads((folder / RELEASE).read_text(encoding="utf-8"))
        table = (folder / FIGURES).read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            f"{place}: {RELEASE} and {FIGURES} of the municipality's release must lie here."
        ) from error
    except ValueError as error:
        raise InputError(
            f"{place}/{RELEASE}: this is no release. Copy it from the municipality's reports."
        ) from error
    try:
        stated = about["files"][f"tables/{FIGURES}"]
        code, name, wave = about["municipality"]["code"], about["municipality"]["name"], about["wave"]
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{place}/{RELEASE}: this is no release. Copy it from the municipality's reports."
        ) from error
    if len(table) > LARGEST or hashlib.sha256(table).hexdigest() != stated:
        raise InputError(
            f"{place}/{FIGURES} is not the file that {RELEASE} names. Copy both from one release."
        )
    rows = csv.DictReader(io.StringIO(table.decode("utf-8-sig")))
    return Neighbour(str(code), str(name), str(wave), _figures(rows, str(wave), place))


def _figures(rows: Iterable[Mapping[str, str]], wave: str, place: str) -> dict[str, Printed]:
    """The figures of the whole municipality for the release's wave, or for pooled waves that end with it."""
    found: dict[str, Printed] = {}
    for number, row in enumerate(rows, 1):
        try:
            figure = _figure(row)
        except (KeyError, ValueError, TypeError) as error:
            raise InputError(
                f"{place}/{FIGURES}: data row {number} holds no figure of a release. Copy the file again."
            ) from error
        wanted = (
            figure.level == "municipality" and figure.group == "all" and figure.target in {"pupils", "cases"}
        )
        if not wanted or wave not in figure.wave.split("+"):
            continue
        known = found.get(figure.indicator)
        own, told = "+" not in figure.wave, figure.status in (Status.SHOWN, Status.NONE_KNOWN)
        if known is None or (told and (own or known.status not in (Status.SHOWN, Status.NONE_KNOWN))):
            found[figure.indicator] = figure
    return found


def _figure(row: Mapping[str, str]) -> Printed:
    status = Status(row["status"])
    told = status in (Status.SHOWN, Status.NONE_KNOWN)
    numbers = {name: _number(row[name]) if told else None for name in ("share", "low", "high", "count")}
    count = numbers.pop("count")
    if count is not None and (count < 0 or count != int(count)):
        raise ValueError
    share, low, high = (numbers[name] for name in ("share", "low", "high"))
    limits = (share, low, high)
    if row["target"] == "pupils" and status is Status.SHOWN and not _in_order(limits):
        raise ValueError
    return Printed(
        row["indicator"], row["wave"], row["level"], row["group"], row["target"], status, share, low, high,
        None if count is None else int(count),
    )  # fmt: skip


def _in_order(limits: Sequence[float | None]) -> bool:
    share, low, high = (math.nan if limit is None else limit for limit in limits)
    return 0 <= low <= share <= high <= 100


def _number(text: str) -> float | None:
    if text in ("", "NA"):
        return None
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


def cases_together(figures: Sequence[Figure | Printed | None]) -> Summed:
    """The printed counts of several municipalities added up: at least so many, where one cannot tell."""
    told = [f for f in figures if f is not None and f.count is not None and f.status is not Status.WITHHELD]
    total = sum(f.count or 0 for f in told)
    return Summed(len(told), len(figures) - len(told), count=total if told else None)


def shares_together(figures: Sequence[tuple[Figure | Printed | None, int]]) -> Summed:
    """The printed shares of several municipalities, weighted by the pupils of their registers.

    Limits are those of a sum of independent estimates (Zou and Donner 2008), from the printed limits.
    """
    told = [
        (float(f.share), float(f.low), float(f.high), pupils)
        for f, pupils in figures
        if f is not None and f.status is Status.SHOWN and pupils > 0
        and f.share is not None and f.low is not None and f.high is not None
    ]  # fmt: skip
    silent = len(figures) - len(told)
    if not told:
        return Summed(0, silent)
    total = sum(pupils for *_, pupils in told)
    share = sum(p * n for p, _, _, n in told) / total
    down = math.sqrt(sum(((p - low) * n) ** 2 for p, low, _, n in told)) / total
    up = math.sqrt(sum(((high - p) * n) ** 2 for p, _, high, n in told)) / total
    return Summed(len(told), silent, share=share, low=max(share - down, 0.0), high=min(share + up, 100.0))
