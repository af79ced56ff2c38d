"""A release of nine squares, behind the gate, with all a report tells of: two waves, maps, changes, cases, a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mapping import codebook
from mapping.concepts.district import Districts
from mapping.concepts.estimate_table import EstimateTable, Relation, row_key
from mapping.concepts.municipality import Municipality, Publication
from mapping.concepts.wave import Break, CaseFile, Group, SurveyFile, Wave
from mapping.disclosure import Figure, ModelFigure, ProtectedRelease, protect, read_policy
from mapping.publish import Context
from mapping.publish.plan import Activity, Goal, Plan

CODE = "0199"
DISTRICTS = [f"{number:02d}" for number in range(1, 10)]
PER_DISTRICT = 120
# yes per square in the later wave, by indicator; S24 is so rare that it is withheld
YES = {
    "S04": (12, 14, 40, 13, 15, 12, 14, 16, 15),
    "S07": (7, 8, 9, 7, 8, 7, 9, 8, 7),
    "S08": (12, 13, 14, 12, 11, 13, 12, 14, 12),
    "S22": (14, 15, 13, 14, 12, 15, 13, 14, 15),
    "S24": (1, 0, 0, 0, 1, 0, 0, 0, 1),
}
CASES = {"K01": 41, "K02": 85, "K01+K02": 4}


def _row(
    wave: str, id_: str, level: str, area: str, n: int, yes: int, group: str = "all"
) -> Iterator[Mapping[str, object]]:
    share = yes / n
    se = max((share * (1 - share) / n) ** 0.5, 0.002)
    for target, wider in (("pupils", 2), ("risk", 3)):
        yield {
            "wave": wave, "indicator": id_, "level": level, "area": area, "group": group, "target": target,
            "sensitivity": codebook.load()[id_].sensitivity, "n": n, "events": yes, "n_schools": 5,
            "n_unsure": n // 14 if (id_, group, level) == ("S04", "all", "municipality") else 0,
            "largest_school": 0.4, "estimate": share, "se": se, "ci_low": max(share - wider * se, 0.0),
            "ci_high": share + wider * se, "reliability": "reliable",
        }  # fmt: skip


def _indicator(
    wave: str, id_: str, yes: tuple[int, ...]
) -> tuple[list[Mapping[str, object]], list[Relation]]:
    """The rows of one indicator in one wave: municipality, sexes, areas, and districts where they may be shown."""

    def key(level: str, area: str, group: str = "all") -> str:
        return row_key(wave, id_, level, area, group)

    total, n = sum(yes), PER_DISTRICT * len(yes)
    girls = total * 2 // 3
    rows = [
        *_row(wave, id_, "municipality", CODE, n, total),
        *_row(wave, id_, "municipality", CODE, n // 2, girls, "girl"),
        *_row(wave, id_, "municipality", CODE, n - n // 2, total - girls, "boy"),
    ]
    sexes = [key("municipality", CODE, sex) for sex in ("girl", "boy")]
    relations = [Relation.sum_of(key("municipality", CODE), sexes)]
    for number in range(3):
        part = slice(3 * number, 3 * number + 3)
        rows += _row(wave, id_, "area", f"A{number}", 3 * PER_DISTRICT, sum(yes[part]))
        if codebook.load()[id_].finest == "district":
            for code, events in zip(DISTRICTS[part], yes[part], strict=True):
                rows += _row(wave, id_, "district", code, PER_DISTRICT, events)
            parts = [key("district", code) for code in DISTRICTS[part]]
            relations.append(Relation.sum_of(key("area", f"A{number}"), parts))
    relations.append(
        Relation.sum_of(key("municipality", CODE), [key("area", f"A{number}") for number in range(3)])
    )
    return rows, relations


def _change(id_: str, earlier: int, later: int) -> Mapping[str, object]:
    n = PER_DISTRICT * 9
    keys = [row_key(wave, id_, "municipality", CODE) for wave in ("2024", "2026")]
    moved = (later - earlier) / n
    return {
        "key_earlier": keys[0], "key_later": keys[1], "wave_earlier": "2024", "wave_later": "2026", "indicator": id_,
        "level": "municipality", "area": CODE, "group": "all", "difference": moved, "ci_low": moved - 0.03,
        "ci_high": moved + 0.03, "smallest_detectable": 0.042, "q": 0.5, "comparable": id_ != "S08",
    }  # fmt: skip


def _model(figures: tuple[Figure, ...]) -> tuple[ModelFigure, ...]:
    """A public model by eye: the square or row far above the others, and all others like the municipality."""
    return tuple(
        ModelFigure(
            f.wave,
            f.indicator,
            f.level,
            f.area,
            4 if f.share > 20 else 2,
            f.share,
            f.low or 0.0,
            f.high or 0.0,
        )
        for f in figures
        if f.target == "risk" and f.level != "municipality" and f.share is not None
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the report share a worker, so that the release is made once."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("report"))


@pytest.fixture(scope="session")
def whole_release() -> ProtectedRelease:
    """Two waves of four indicators, changes between them, and cases."""
    rows, relations = [], []
    for wave in ("2024", "2026"):
        for id_, yes in YES.items():
            made, known = _indicator(wave, id_, tuple(k - (k > 5) for k in yes) if wave == "2024" else yes)
            rows += made
            relations += known
    rows += [
        {"wave": "2026", "indicator": id_, "level": "municipality", "area": CODE, "target": "cases", "sensitivity": 3,
         "n": n, "events": n, "group": "all", "n_schools": 0, "n_unsure": 0, "largest_school": 0.0, "reliability": ""}
        for id_, n in CASES.items()
    ]  # fmt: skip
    changes = pd.DataFrame([_change(id_, sum(yes) - 9, sum(yes)) for id_, yes in YES.items()])
    response = {
        "2024": {"registered": 1300, "answered": 1100, "schools": 12, "schools_answered": 12},
        "2026": {"registered": 1320, "answered": 1180, "schools": 12, "schools_answered": 11},
    }
    frame = pd.DataFrame(rows)
    table = EstimateTable.from_frame(
        frame, relations, changes=changes, response=response, not_asked=[("2026", "S25")]
    )
    policy = read_policy().with_levels({id_: entry.finest for id_, entry in codebook.load().items()})
    return protect([table], policy, synthetic=True, key=b"report").derive(_model)


def _wave(id_: str) -> Wave:
    year = int(id_)
    return Wave(
        id=id_,
        survey="Ung i Exempelköping",
        fieldwork=(f"{id_}-02-02", f"{id_}-03-13"),
        population=f"Elever i årskurs 9, läsåret {year - 1}/{year % 100}",
        counts="enrolled",
        file=SurveyFile("ung.sav"),
        folder=Path(),
        groups={"grade": Group("ak", {"9": ("9",)})},
        breaks=(Break("S08", "2026", {"sv": "Frågan formulerades om.", "en": "The question was reworded."}),),
        cases=CaseFile("arenden.csv", ("2025-01-01", "2025-12-31"), "case", {}, {}),
    )


@pytest.fixture(scope="session")
def context(squares: Districts) -> Context:
    """The facts around the release; the plan has a goal that the survey cannot judge, in Swedish only."""
    goal = Goal(
        "M1",
        {"sv": "Fler ska fritt få välja partner"},
        "S04",
        "all",
        "down",
        "2024",
        14.0,
        "2027",
        "Skolnämnden",
    )
    activity = Activity("M1", {"sv": "Utbildning av personal"}, "Grundskolechef", "under way", "2026-12-31")
    return Context(
        municipality=Municipality(
            code=CODE, name="Exempelköping", publisher="Exempelköpings kommun", languages=("sv", "en"),
            synthetic=True, geography="squares", help={"children": "Bris 116 111"},
        ),
        publication=Publication(
            ("S04", "S07", "S08", "S22", "S24", "S25", "K01", "K02"), (("sex",),), ("municipality", "area", "district"),
            {2: 150, 3: 150, 4: 600}, 1, approved={"2026": "Anna Ek, utredare", "2024": "Bo Al, utredare"},
        ),
        waves=(_wave("2024"), _wave("2026")),
        indicators=codebook.load(),
        districts=squares,
        plan=Plan("Handlingsplan 2024–2027", (goal,), (activity,)),
        version="0.1.0",
    )  # fmt: skip


@pytest.fixture(scope="session")
def without_districts(context: Context) -> Context:
    """The same municipality without a district map."""
    return replace(context, districts=None, plan=None)
