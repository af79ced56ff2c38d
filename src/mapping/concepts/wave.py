"""A survey wave as its wave.toml describes it: files, design, areas, groups, items, breaks, cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mapping.concepts.case_file import CaseFile, read_case_file
from mapping.concepts.design_columns import DesignColumns, read_design
from mapping.concepts.detection import Detection, read_detection
from mapping.concepts.item import Item, Label, read_item
from mapping.concepts.settings import Section, read_settings
from mapping.concepts.survey_design import SurveyDesign

__all__ = [
    "AreaColumn",
    "Break",
    "CaseFile",
    "Checks",
    "DesignColumns",
    "Group",
    "Item",
    "Joke",
    "Label",
    "SurveyFile",
    "Wave",
    "read_wave",
]


@dataclass(frozen=True, slots=True)
class SurveyFile:
    """The survey file of a wave and how its non-answers are written.

    `relabelled` names variables whose codes carry other labels than in the wave before, and rightly so; `equal` names
    items whose answers are worded otherwise than before and yet measure the same.
    """

    path: str
    sha256: str = ""
    respondent: str = ""
    missing: tuple[Label, ...] = ()
    unsure: tuple[Label, ...] = ()
    declined: tuple[Label, ...] = ("Vill ej svara", "Vill inte svara")
    sheet: str = ""
    encoding: str = ""
    relabelled: tuple[str, ...] = ()
    equal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AreaColumn:
    """Where each respondent belongs. `elsewhere` are the labels and codes of places outside the districts."""

    kind: str = "none"
    column: str = ""
    geography: str = ""
    elsewhere: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A background column and the labels that make each of its levels."""

    column: str
    labels: Mapping[str, tuple[Label, ...]]


@dataclass(frozen=True, slots=True)
class Break:
    """From which wave an indicator can no longer be compared with earlier ones, and why."""

    indicator: str
    start: str
    reason: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Joke:
    """Answers that nobody gives together in earnest; respondents who do are counted, and left out if `drop`."""

    name: str
    answers: Mapping[str, str]
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Checks:
    """Columns that tell whether respondents can be: their age or year of birth, the day they answered."""

    age: str = ""
    birth_year: str = ""
    ages: tuple[float, float] = (5.0, 25.0)
    answered: str = ""
    jokes: tuple[Joke, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns named."""
        return tuple(name for name in (self.age, self.birth_year, self.answered) if name)


@dataclass(frozen=True, slots=True)
class Wave:
    """Everything the analyst has said about one wave. `folder` is where its files lie."""

    id: str
    survey: str
    fieldwork: tuple[str, str]
    population: str
    counts: str
    file: SurveyFile
    folder: Path
    columns: DesignColumns = field(default_factory=DesignColumns)
    area: AreaColumn = field(default_factory=AreaColumn)
    groups: Mapping[str, Group] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)
    breaks: tuple[Break, ...] = ()
    cases: CaseFile | None = None
    plan: str = ""
    checks: Checks = field(default_factory=Checks)
    detection: Detection | None = None

    @property
    def has_frame(self) -> bool:
        """Whether pupils per school are known, so that weights and finite-population corrections can be made."""
        return bool(self.columns.frame)

    def design(self, target: str) -> SurveyDesign:
        """The sampling design that estimates `target`, over the columns that intake makes.

        *pupils*: this year's pupils, a finite population. Schools are a first stage drawn from the schools of
        the frame, pupils a second stage drawn from those registered; where every school answered, the first
        stage adds nothing and the schools act as strata. *risk*: the underlying risk of the place; schools are
        clusters without finite-population correction. A wave with a design of its own and no frame has one
        design for both.
        """
        if target not in {"pupils", "risk"}:
            raise ValueError(f"target must be 'pupils' or 'risk', not {target!r}")
        if not self.has_frame:
            return SurveyDesign(
                strata="stratum" if self.columns.strata else None,
                psu="psu" if (self.columns.psu or self.columns.school) else None,
                weights="weight",
                lonely_psu=self.columns.lonely_psu,
            )
        if target == "pupils":
            return SurveyDesign(
                psu=["psu", "respondent"],
                weights="weight",
                fpc=["n_schools", "n_registered"],
                lonely_psu="adjust",
            )
        return SurveyDesign(psu="psu", weights="weight", lonely_psu="adjust")


def _file(section: Section) -> SurveyFile:
    survey = SurveyFile(
        path=section.get("path", str),
        sha256=section.get("sha256", str, ""),
        respondent=section.get("respondent", str, ""),
        missing=section.labels("missing", ()),
        unsure=section.labels("unsure", ()),
        declined=section.labels("declined", ("Vill ej svara", "Vill inte svara")),
        sheet=section.get("sheet", str, ""),
        encoding=section.get("encoding", str, ""),
        relabelled=section.texts("relabelled", ()),
        equal=section.texts("equal", ()),
    )
    section.done()
    return survey


def _area(section: Section | None) -> AreaColumn:
    if section is None:
        return AreaColumn()
    area = AreaColumn(
        kind=section.get("kind", str, choices=("residence", "school_catchment", "none")),
        column=section.get("column", str, ""),
        geography=section.get("geography", str, ""),
        elsewhere=section.labels("elsewhere", ()),
    )
    if area.kind != "none" and not area.column:
        raise section.error("'column' is missing: name the variable that holds the district's code.")
    section.done()
    return area


def _group(section: Section) -> Group:
    labels = section.table("labels")
    group = Group(section.get("column", str), {level: labels.labels(level) for level in labels.names()})
    section.done()
    return group


def _break(section: Section) -> Break:
    reason = section.table("reason")
    found = Break(
        section.get("indicator", str),
        section.get("from", str),
        {lang: reason.get(lang, str) for lang in reason.names()},
    )
    section.done()
    return found


def _joke(section: Section) -> Joke:
    answers = section.table("answers")
    joke = Joke(
        name=section.get("name", str),
        answers={item: answers.get(item, str) for item in answers.names()},
        drop=section.get("drop", bool, False),
    )
    if not joke.answers:
        raise section.error("'answers' is empty: say which answers nobody gives together in earnest.")
    section.done()
    return joke


def _checks(section: Section | None) -> Checks:
    if section is None:
        return Checks()
    ages = section.labels("ages", (5, 25))
    if (
        len(ages) != 2
        or not all(isinstance(age, int | float) for age in ages)
        or float(ages[0]) >= float(ages[1])
    ):
        raise section.error("'ages' must hold the youngest and the oldest age.")
    checks = Checks(
        age=section.get("age", str, ""),
        birth_year=section.get("birth_year", str, ""),
        ages=(float(ages[0]), float(ages[1])),
        answered=section.get("answered", str, ""),
        jokes=tuple(_joke(joke) for joke in section.sections("jokes")),
    )
    section.done()
    return checks


def read_wave(path: Path) -> Wave:
    """The wave described by `path` (wave.toml)."""
    top = read_settings(path)
    file = top.table("file")
    fieldwork = top.texts("fieldwork", ("", ""))
    groups, items, cases = top.section("groups"), top.section("items"), top.section("cases")
    detection = top.section("detection")
    wave = Wave(
        id=top.get("id", str),
        survey=top.get("survey", str),
        fieldwork=(fieldwork[0], fieldwork[-1]),
        population=top.get("population", str, ""),
        counts=top.get("counts", str, "enrolled", choices=("enrolled", "resident")),
        file=_file(file),
        folder=path.parent,
        columns=read_design(top.section("design")),
        area=_area(top.section("area")),
        groups={name: _group(groups.table(name)) for name in groups.names()} if groups else {},
        items={name: read_item(items.table(name)) for name in items.names()} if items else {},
        breaks=tuple(_break(section) for section in top.sections("breaks")),
        cases=read_case_file(cases) if cases else None,
        plan=top.get("plan", str, "plan.toml" if (path.parent / "plan.toml").exists() else ""),
        checks=_checks(top.section("checks")),
        detection=read_detection(detection) if detection else None,
    )
    top.done()
    if wave.id != path.parent.name:
        raise top.error(
            f"id is '{wave.id}' but the folder is called '{path.parent.name}'. Make them the same."
        )
    return wave
