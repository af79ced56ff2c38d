"""What the attacks share: made-up cells, an attacker with a solver of her own, and a small release as files.

The attacker knows what docs/disclosure.md grants her: the relations among all cells, the exact counts behind whatever
is shown, the public register. Of what is withheld she knows nothing but that counts are whole and not negative.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.optimize import Bounds, LinearConstraint, milp

from mapping import codebook
from mapping.concepts.district import Districts
from mapping.concepts.estimate_table import EstimateTable, Relation, row_key
from mapping.concepts.municipality import Municipality, Publication
from mapping.concepts.wave import SurveyFile, Wave
from mapping.disclosure import ProtectedRelease, Status, protect, public_relations, read_policy
from mapping.disclosure.engine.suppression import Pattern
from mapping.disclosure.gate.decide import Decision
from mapping.publish import Context, exceedance
from mapping.publish.release import write_release

MUNICIPALITY = "0199"
gate, decision = (sys.modules[f"mapping.disclosure.gate.{name}"] for name in ("protect", "decide"))
LEVELS = {"M": "municipality", "A": "area", "d": "district", "C": "county"}


def key(area: str, group: str = "all", *, indicator: str = "S04", wave: str = "2026") -> str:
    """The key of a cell; the first letter of the area says its level."""
    return row_key(wave, indicator, LEVELS[area[0]], area, group)


def cell(area: str, n: int, events: int, group: str = "all", **more: Any) -> Mapping[str, Any]:
    """One cell of a made-up town; `more` are columns of an estimate table."""
    row = {
        "wave": "2026", "indicator": "S04", "level": LEVELS[area[0]], "area": area, "group": group,
        "target": "pupils", "sensitivity": 3, "n": n, "events": events, "n_schools": 4, "largest_school": 0.4,
        "reliability": "reliable",
    } | more  # fmt: skip
    share = row["events"] / row["n"] if row["n"] else math.nan
    wide = 2 * math.sqrt((share + 0.5 / n) * (1 - share + 0.5 / n) / n) if n else math.nan
    return {"estimate": share, "ci_low": max(0.0, share - wide), "ci_high": min(1.0, share + wide)} | row


def cases(area: str, count: int, group: str = "all", **more: Any) -> Mapping[str, Any]:
    """A count of cases."""
    return cell(
        area, count, count, group, **{"indicator": "K01", "target": "cases", "estimate": 12.0, **more}
    )


def table(
    cells: Iterable[Mapping[str, Any]], relations: Sequence[Relation] = (), **more: Any
) -> EstimateTable:
    """The estimate table of some cells."""
    return EstimateTable.from_frame(pd.DataFrame(list(cells)), tuple(relations), **more)


@dataclass
class Attacker:
    """Who has read some releases, and knows how their cells relate."""

    counts: Mapping[str, tuple[int, int]]  # the truth: of it she sees what is shown
    relations: Sequence[Relation]
    registers: Mapping[str, int] = field(default_factory=dict)
    knows: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)

    def read(self, release: ProtectedRelease) -> Attacker:
        """What is shown is known: its events, and the others."""
        for figure in release:
            if figure.status in (Status.SHOWN, Status.NONE_KNOWN):
                self.grant(figure.key)
        return self

    def grant(self, name: str) -> Attacker:
        """She knows this cell's counts from somewhere."""
        for side in (0, 1):
            self.knows[name, side] = (self.counts[name][side],) * 2
        return self

    def range(self, name: str, side: int = 0) -> tuple[int, int]:
        """The smallest and the largest count (0: events, 1: others) that agrees with all she knows."""
        names = [(cell, side) for cell in self.counts for side in (0, 1)]
        at = {pair: number for number, pair in enumerate(names)}
        rows = [
            [(at[cell, side], coefficient) for cell, coefficient in relation.terms]
            for relation in self.relations
            for side in (("events", "complement").index(count) for count in relation.counts)
        ]
        limits = [
            (0.0 if relation.sense != "<=" else -np.inf, 0.0)
            for relation in self.relations
            for _ in relation.counts
        ]
        for cell_, most in self.registers.items():
            rows.append([(at[cell_, 0], 1.0), (at[cell_, 1], 1.0)])
            limits.append((0.0, float(most)))
        matrix = np.zeros((max(len(rows), 1), len(names)))
        for number, row in enumerate(rows):
            for column, coefficient in row:
                matrix[number, column] += coefficient
        within = np.array(limits or [(0.0, 0.0)])
        bounds = np.array([self.knows.get(pair, (0.0, 500.0)) for pair in names])
        found = []
        for sign in (1, -1):
            cost = np.zeros(len(names))
            cost[at[name, side]] = sign
            solved = milp(
                cost,
                integrality=np.ones(len(names)),
                bounds=Bounds(bounds[:, 0], bounds[:, 1]),
                constraints=LinearConstraint(matrix, within[:, 0], within[:, 1]),
            )
            assert solved.success, solved.message
            found.append(round(sign * solved.fun))
        return found[0], found[1]

    def finds(self, name: str, side: int = 0, *, threshold: int = 5) -> bool:
        """Whether the count is known to be small, or known exactly."""
        low, high = self.range(name, side)
        return high < threshold or low == high


@dataclass(frozen=True)
class Scene:
    """Some cells and how they relate: what a gate is asked to protect, and what an attacker goes by."""

    cells: tuple[Mapping[str, Any], ...]
    relations: tuple[Relation, ...] = ()

    @property
    def table(self) -> EstimateTable:
        """As the gate gets it."""
        return table(self.cells, self.relations)

    def protect(self, **more: Any) -> ProtectedRelease:
        """What the gate makes of it."""
        return protect([self.table], more.pop("policy", read_policy()), **{"key": b"red", **more})

    def untold(self, *relations: Relation) -> Scene:
        """The same cells, with a gate that is not told of some relations."""
        return replace(self, relations=tuple(r for r in self.relations if r not in relations))

    def attacker(self, *releases: ProtectedRelease, other: Scene | None = None) -> Attacker:
        """Who has read `releases`; `other` is a scene of another release, with cells of its own."""
        scenes = [other, self] if other else [self]
        frames = [scene.table.frame.drop_duplicates("key") for scene in scenes]
        rows = [row for frame in frames for row in frame.to_dict("records")]
        counts = {row["key"]: (row["events"], row["n"] - row["events"]) for row in rows}
        registers = {row["key"]: int(row["register"]) for row in rows if not math.isnan(row["register"])}
        relations = tuple(relation for scene in scenes for relation in scene.relations)
        made = Attacker(counts, relations, registers)
        for release in releases:
            made.read(release)
        return made


def scene(cells: Iterable[Mapping[str, Any]], *relations: Relation) -> Scene:
    """A scene from its parts."""
    return Scene(tuple(cells), relations)


@dataclass(frozen=True)
class Kit:
    """What attacks are written with."""

    cell: Callable[..., Mapping[str, Any]] = cell
    cases: Callable[..., Mapping[str, Any]] = cases
    key: Callable[..., str] = key
    scene: Callable[..., Scene] = scene
    table: Callable[..., EstimateTable] = table
    total: Callable[[str, Iterable[str]], Relation] = Relation.sum_of
    within: Callable[[str, str], Relation] = Relation.within


@pytest.fixture(scope="session")
def kit() -> Kit:
    """Cells, relations, attackers."""
    return Kit()


def nothing_withheld(*_: Any, **__: Any) -> Decision:
    """A gate that is open."""
    return Decision(frozenset(), ())


@pytest.fixture
def no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision what to withhold is taken out: everything is shown."""
    monkeypatch.setattr(gate, "decide", nothing_withheld)


@pytest.fixture
def only_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Complementary suppression is taken out: what no rule withholds is shown."""
    monkeypatch.setattr(decision, "complete", lambda system, blank, needs: Pattern(blank))


# ---- a small release as files -------------------------------------------------------------------------------------

NAMES = ("Ängby", "Berga", "Centrum", "Dalen", "Ekudden", "Furuvik", "Granby", "Hagen", "Åkerby")
SECRET = "d5"  # Ekudden: three of 140
YES = (20, 24, 60, 17, 3, 22, 31, 27, 25)
OTHER = (20, 24, 60, 17, 4, 21, 31, 27, 25)  # another world: one yes more in Ekudden, one less in Furuvik


def squares() -> Districts:
    """Three rows of three squares; the rows are publication areas."""
    codes = [f"d{number}" for number in range(1, 10)]
    shapes = [
        shapely.box(2000 * c, 2000 * r, 2000 * c + 2000, 2000 * r + 2000) for r in range(3) for c in range(3)
    ]
    frame = gpd.GeoDataFrame({"code": codes, "name": NAMES, "parent": ""}, geometry=shapes, crs="EPSG:3006")
    areas = pd.DataFrame({
        "code": codes,
        "area": [f"A{row}" for row in range(3) for _ in range(3)],
        "area_name": [name for name in ("Söder", "Mitten", "Norr") for _ in range(3)],
    })  # fmt: skip
    people = pd.DataFrame({"code": codes, "sex": "girl", "grade": "9", "n": 180})
    return Districts("squares", "2024", frame, people, areas={2: areas, 3: areas, 4: areas})


def town(yes: Sequence[int]) -> Scene:
    """The cells of the nine squares: 140 respondents in each, `yes` of them with a yes."""
    rows: list[Mapping[str, Any]] = []

    def both(area: str, n: int, events: int, group: str = "all") -> Iterator[Mapping[str, Any]]:
        register = 180.0 * n / 140 if area[0] != "M" else math.nan
        made = cell(area, n, events, group, register=register, reliability="reliable")
        yield from (made, {**made, "target": "risk"})

    total = sum(yes)
    rows += both("M", 1260, total)
    rows += [*both("M", 630, total - 90, "girl"), *both("M", 630, 90, "boy")]
    relations = [
        Relation.sum_of(key("M"), [key(f"A{row}") for row in range(3)]),
        Relation.sum_of(key("M"), [key("M", sex) for sex in ("girl", "boy")]),
    ]
    for row in range(3):
        inside = range(3 * row, 3 * row + 3)
        rows += both(f"A{row}", 420, sum(yes[i] for i in inside))
        for i in inside:
            rows += both(f"d{i + 1}", 140, yes[i])
        relations.append(Relation.sum_of(key(f"A{row}"), [key(f"d{i + 1}") for i in inside]))
    rows = [{**r, "area": MUNICIPALITY} if r["area"] == "M" else r for r in rows]
    renamed = [
        replace(r, terms=tuple((name.replace("|M|", f"|{MUNICIPALITY}|"), c) for name, c in r.terms))
        for r in relations
    ]
    return scene(rows, *renamed)


def context() -> Context:
    """The facts around the release of the squares."""
    wave = Wave(
        id="2026", survey="Ung", fieldwork=("2026-02-02", "2026-03-13"), population="Elever i årskurs 9",
        counts="enrolled", file=SurveyFile("ung.sav"), folder=Path(),
    )  # fmt: skip
    return Context(
        municipality=Municipality(
            code=MUNICIPALITY, name="Exempelköping", publisher="Exempelköpings kommun", languages=("sv",),
            synthetic=True, geography="squares",
        ),
        publication=Publication(
            ("S04",), (("sex",),), ("municipality", "area", "district"), {2: 150, 3: 150, 4: 600}, 1
        ),
        waves=(wave,), indicators=codebook.load(), districts=squares(), version="0.1.0",
    )  # fmt: skip


def sealed(yes: Sequence[int]) -> ProtectedRelease:
    """What the gate shows of the squares, with the public model."""
    policy = read_policy().with_levels({"S04": "district"})
    made = protect([town(yes).table], policy, synthetic=True, key=b"red", earlier=())
    return made.derive(exceedance)


def on_disk(yes: Sequence[int], folder: Path) -> Path:
    """The release of the squares as files."""
    return write_release(sealed(yes), context(), folder, relations=public_relations([town(yes).table]))


@dataclass(frozen=True)
class Squares:
    """The nine squares: behind the gate, without it, and as files of two worlds that differ in withheld cells."""

    closed: ProtectedRelease
    open: ProtectedRelease
    context: Context
    folder: Path
    other: Path
    unprotected: Path
    yes: Sequence[int] = YES
    secret: str = SECRET

    def again(self, *changes: tuple[str, int]) -> ProtectedRelease:
        """The release of another world: other numbers of yes in some places."""
        yes = list(self.yes)
        for code, count in changes:
            yes[int(code[1:]) - 1] = count
        return sealed(yes)

    @property
    def truth(self) -> EstimateTable:
        """What the analyst knows."""
        return town(YES).table

    @property
    def name(self) -> str:
        """What the place with the secret is called."""
        return NAMES[int(self.secret[1:]) - 1]


@pytest.fixture(scope="session")
def town_of_squares(tmp_path_factory: pytest.TempPathFactory) -> Squares:
    """Built once for all attacks on files."""
    root = tmp_path_factory.mktemp("squares")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "decide", nothing_withheld)
        shown, unprotected = sealed(YES), on_disk(YES, root / "open" / "2026")
    here, there = on_disk(YES, root / "reports" / "2026"), on_disk(OTHER, root / "there" / "2026")
    return Squares(sealed(YES), shown, context(), here, there, unprotected)
