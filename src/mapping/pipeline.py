"""The order of the stages, from the files of a workspace to what may be published. The only room that knows them all.

    settings → districts → responses → weights → answers → estimates → protect → public model → report → audit
    → in place

Nothing under `reports/` changes until the new release stands whole beside it and its audit has found no leak.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from mapping import __version__, analyst, codebook, demo, disclosure, ingest, manifest, publish, verify
from mapping.casework import printed_facts, read_cases
from mapping.concepts.estimate_table import EstimateTable
from mapping.concepts.responses import CaseCounts, Responses
from mapping.concepts.wave import Wave
from mapping.errors import BuildError, DisclosureError
from mapping.estimate.cases import case_table, pooled_cases
from mapping.estimate.cases.facts import rates_by_place
from mapping.estimate.cases.follow_up import analyst_tables
from mapping.estimate.changes import changes_between
from mapping.estimate.plan import plan_cells
from mapping.estimate.relations import pool_relations
from mapping.estimate.tables import Sample, join_tables, numeric_answers, survey_table
from mapping.estimate.weighting import weigh
from mapping.estimate.what_if import what_if
from mapping.surroundings import warnings_about
from mapping.workspace import Workspace, district_codes, open_workspace, own_indicators

__all__ = ["audit", "check", "new_wave", "read_survey", "rebuild", "write_codebook", "write_demo"]

Say = Callable[[str], None]
TARGETS = ("pupils", "risk")


@dataclass(frozen=True, slots=True, repr=False)
class Intake:
    """One wave as read: answers by indicator, and cases where there is an extract."""

    wave: Wave
    responses: Responses
    answers: pd.DataFrame
    cases: CaseCounts | None

    @property
    def table(self) -> pd.DataFrame:
        """What `prevalence` takes: design, area and groups of each respondent, and 1, 0 or missing by indicator."""
        return pd.concat([self.responses.frame, numeric_answers(self.answers)], axis=1)

    @property
    def sample(self) -> Sample:
        """The wave ready for estimation, with the design of each target."""
        designs = {target: self.wave.design(target) for target in TARGETS}
        return Sample(self.wave.id, self.responses.frame, self.answers, designs)


def _quiet(_: str) -> None:
    return None


def read_survey(path: Path | None, wave: Wave | Path, **options: Any) -> Responses:
    """The answers of a wave, weighted; parameters as of `ingest.read_survey`, weights as of `weighting.weigh`."""
    return weigh(ingest.read_survey(path, wave, **options))


def take_in(workspace: Workspace, wave: Wave, say: Say = _quiet, before: Responses | None = None) -> Intake:
    """The answers and cases of one wave, held against the answers of the wave `before`."""
    say(f"{wave.id}: reading {wave.file.path}")
    codebook.check_answers(wave, codebook.questions(workspace.extra))
    codes = district_codes(workspace.districts, wave)
    responses = read_survey(
        wave.folder / wave.file.path,
        wave,
        key=workspace.key,
        districts=codes,
        municipality=workspace.municipality.code,
    )
    if before is not None and (moved := ingest.implausible_moves(before, responses)):
        responses = replace(responses, notes=(*responses.notes, *moved))
    answers = codebook.evaluate(workspace.indicators, responses.frame)
    cases = None
    if wave.cases is not None:
        cases = read_cases(None, wave, key=workspace.key, districts=codes, indicators=workspace.indicators)
        why = [cases.refused[id_] for id_ in workspace.publication.indicators if id_ in cases.refused]
        cases = replace(cases, notes=(*cases.notes, *why))
    return Intake(wave, responses, answers, cases)


def _pool(intakes: Sequence[Intake]) -> Sample:
    """Several waves as one sample: for *pupils* each wave is a stratum; for *risk* a school is one cluster in all."""
    frame = pd.concat([i.responses.frame.assign(pool=i.wave.id) for i in intakes], ignore_index=True)
    answers = pd.concat([i.answers for i in intakes], ignore_index=True, join="inner")
    designs = {}
    for target in TARGETS:
        design = intakes[-1].wave.design(target)
        if target == "pupils" or design.strata is not None:
            design = replace(
                design, strata=["pool", *([design.strata] if isinstance(design.strata, str) else [])]
            )
        designs[target] = design
    return Sample("+".join(i.wave.id for i in intakes), frame, answers, designs)


def _broken(wave: Wave, since: Wave) -> set[str]:
    """Indicators that cannot be compared between two waves, because the sidecar says that they broke in between."""
    return {b.indicator for b in wave.breaks if since.id < b.start <= wave.id}


def _poolable(workspace: Workspace, intakes: Sequence[Intake]) -> list[Intake]:
    """The waves since the last forgotten one that are bound to none: a pool with another would give it away."""
    closed = workspace.closed
    return [i for i in intakes if i.wave.id not in closed and i.wave.id > max(closed.forgotten, default="")]


def estimate(workspace: Workspace, intakes: Sequence[Intake]) -> EstimateTable:
    """What the release of the last wave stands on: its own cells, the pool's, the changes since the wave before."""
    now, publication, municipality = intakes[-1], workspace.publication, workspace.municipality.code
    chosen = [workspace.indicators[id_] for id_ in publication.indicators]
    if {"K01", "K02"} <= set(publication.indicators):
        chosen.append(workspace.indicators["K01+K02"])
    districts = workspace.districts if now.wave.area.kind != "none" else None
    population = districts.population if districts else pd.DataFrame()
    plans = plan_cells(chosen, publication, districts)
    sums = codebook.sums(workspace.indicators, [indicator.id for indicator in chosen])
    tables = [survey_table(now.sample, plans, municipality, population, sums)]
    if now.cases is not None:
        counted = [i.wave.cases.period[0][:4] for i in intakes if i.wave.cases is not None]
        tables.append(case_table(now.cases, plans, municipality, sums, years=counted))
    relations = []
    window = _poolable(workspace, intakes)[-publication.pool_waves :]
    if publication.pool_waves > 1 and len(window) == publication.pool_waves:
        comparable = [i for i in chosen if all(i.id not in _broken(now.wave, w.wave) for w in window)]
        plans = plan_cells(comparable, publication, districts, pool=True)
        pool = survey_table(_pool(window), plans, municipality, population, sums)
        former = [survey_table(w.sample, plans, municipality, population, sums).latent() for w in window[:-1]]
        relations = pool_relations(pool, [*former, tables[0]])
        tables += [pool, *former]
        extracts = [w.cases for w in window if w.cases is not None]
        if len(extracts) == len(window):
            pool = case_table(pooled_cases(extracts), plans, municipality, sums)
            former = [case_table(c, plans, municipality, sums).latent() for c in extracts[:-1]]
            relations += pool_relations(pool, [*former, tables[1]])
            tables += [pool, *former]
    table = join_tables(tables, relations)
    changes = pd.DataFrame()
    if len(intakes) > 1:
        before = intakes[-2]
        changes = changes_between(
            before.sample,
            now.sample,
            [i for i in chosen if i.side == "survey"],
            tuple(dict.fromkeys(name for group in publication.groups for name in group)),
            municipality,
            broken=_broken(now.wave, before.wave),
            independent=None if now.wave.columns.school else True,
        )
    asked = set(now.answers.columns)
    not_asked = [(now.wave.id, i.id) for i in chosen if i.side == "survey" and i.id not in asked]
    return replace(table, changes=changes, response=_response(intakes), not_asked=tuple(not_asked))


def _response(intakes: Sequence[Intake]) -> dict[str, dict[str, int]]:
    """How many were registered and answered, for the municipality and each wave."""
    found = {}
    for intake in intakes:
        counts = {"answered": len(intake.responses.frame)}
        if len(frame := intake.responses.response):
            schools = frame.groupby("psu")["answered"].sum()
            counts |= {
                "registered": int(frame["registered"].sum()),
                "schools": len(schools),
                "schools_answered": int((schools > 0).sum()),
            }
        found[intake.wave.id] = counts
    return found


def rebuild(folder: Path, waves: Sequence[str] | None = None, *, say: Say = _quiet) -> list[Path]:
    """Make the reports of `waves` (default: all) of the workspace in `folder`; returns the folders they stand in.

    Raises
    ------
    MappingError
        One of its kinds, when an input, a setting or a release is refused; what stood in `reports/` still stands.
    """
    with manifest.rebuild_lock(folder):
        workspace = open_workspace(folder)
        disclosure.read_policy(workspace.municipality.policy)  # refused before anything is read or kept
        workspace.closed.refuse(waves or ())
        open_ = [wave.id for wave in workspace.waves if wave.id not in workspace.closed]
        wanted = [wave for wave in open_ if waves is None or wave in waves]
        last, gone = max(wanted, default=""), workspace.closed.forgotten
        needed = [wave for wave in workspace.waves if wave.id <= last and wave.id not in gone]
        made_from = {wave.id: manifest.fingerprint(folder, wave.id, workspace.key) for wave in needed}
        # everything is read before anything is released: a fault in a later wave leaves the earlier ones as they were
        intakes: list[Intake] = []
        for wave in needed:
            before = intakes[-1].responses if intakes else None
            intakes.append(take_in(workspace, wave, say, before))
        made = []
        for number, wave in enumerate(needed, 1):
            if wave.id in wanted:
                made.append(_release(workspace, intakes[:number], say))
                manifest.record(folder, wave.id, made_from[wave.id])
        return made


def _release(workspace: Workspace, intakes: Sequence[Intake], say: Say) -> Path:
    """Estimate, protect, write beside, audit, and only then put in place the release of the last wave."""
    folder, wave = workspace.folder, intakes[-1].wave
    say(f"{wave.id}: estimating")
    table = estimate(workspace, intakes)
    _keep_for_analyst(workspace, intakes, table)
    say(f"{wave.id}: protecting")
    policy = disclosure.read_policy(workspace.municipality.policy)
    release = disclosure.protect(
        [table],
        policy,
        disclosure.read_earlier(folder),
        synthetic=workspace.municipality.synthetic,
        key=workspace.key,
    ).derive(publish.exceedance)
    entry = disclosure.next_entry(folder / manifest.LEDGER, release)
    context = publish.Context(
        municipality=workspace.municipality,
        publication=workspace.publication,
        waves=tuple(intake.wave for intake in intakes),
        indicators=workspace.indicators,
        districts=workspace.districts if wave.area.kind != "none" else None,
        plan=publish.read_plan(wave.folder / wave.plan, workspace.indicators) if wave.plan else None,
        county=publish.read_county(wave.folder / "county"),
        case_facts=printed_facts((*release, *release.history), [i.wave for i in intakes], intakes[-1].cases),
        version=__version__,
        sequence=entry.sequence,
    )
    say(f"{wave.id}: drawing and writing")
    disclosure.keep_counts(folder, entry, [table], policy, release)

    def certify(stage: Path) -> Mapping[str, Any] | None:
        classes = {id_: indicator.sensitivity for id_, indicator in workspace.indicators.items()}
        return disclosure.certificate(stage, folder / "reports", classes, _public_totals(workspace, release))

    def attack(stage: Path) -> Mapping[str, Any]:
        say(f"{wave.id}: attacking what was written")
        verdict = disclosure.audit_release(stage, disclosure.truth_of([table]))
        if not verdict.safe:
            raise DisclosureError(
                f"wave {wave.id} is not released: the audit of its files failed.\n{verdict}"
            )
        say(f"{wave.id}: checking its certificate")
        try:
            verify.check(stage)
        except ValueError as error:
            raise DisclosureError(
                f"wave {wave.id} is not released: its certificate does not hold: {error}."
            ) from error
        disclosure.enter(folder, release)
        return verdict.public()

    return publish.write_release(
        release,
        context,
        folder / "reports" / wave.id,
        relations=disclosure.public_relations([table]),
        certify=certify,
        audit=attack,
    )


def _public_totals(workspace: Workspace, release: disclosure.ProtectedRelease) -> dict[str, int]:
    """By "wave|level|area" how many people a cell can have: the register's pupils of a place, a wave's answers."""
    pupils: dict[str, int] = {}
    if (districts := workspace.districts) is not None and len(districts.population):
        by_code = districts.population.groupby("code")["n"].sum()
        pupils = {f"district|{code}": int(n) for code, n in by_code.items()}
        for areas in districts.areas.values():
            area_of = by_code.index.map(dict(zip(areas["code"], areas["area"], strict=True)))
            pupils |= {f"area|{area}": int(n) for area, n in by_code.groupby(area_of).sum().items()}
    totals: dict[str, int] = {}
    for wave in sorted({figure.wave for figure in release}):
        waves = wave.split("+")
        totals |= {f"{wave}|{place}": len(waves) * n for place, n in pupils.items()}
        if all("answered" in release.response.get(part, {}) for part in waves):
            answered = sum(release.response[part]["answered"] for part in waves)
            totals[f"{wave}|municipality|{workspace.municipality.code}"] = answered
    return totals


def _keep_for_analyst(workspace: Workspace, intakes: Sequence[Intake], table: EstimateTable) -> None:
    """What an analyst may go on with, in the owner-only folder: answers, estimates, and how good they are."""
    now, *before = [analyst.subject_of(i.responses, i.answers, i.cases) for i in intakes[:-3:-1]]
    names = analyst.names_for(
        workspace.municipality,
        codebook.questions(workspace.extra),
        workspace.indicators,
        workspace.districts if intakes[-1].wave.area.kind != "none" else None,
    )
    chosen = [workspace.indicators[id_] for id_ in workspace.publication.indicators]
    other = what_if(intakes[-1].sample, intakes[-1].responses.response, chosen)
    tables = {"estimates": table.frame, "what-if": other}
    if (cases := intakes[-1].cases) is not None:
        tables |= analyst_tables(cases, lambda frame: codebook.evaluate(workspace.indicators, frame))
        tables["case-rates"] = rates_by_place(cases)
    analyst.keep(workspace.folder, now, before[0] if before else None, tables, names, workspace.key)


def check(folder: Path, *, say: Say = _quiet) -> list[str]:
    """Read every input of the workspace in `folder` and return what was noticed; nothing is written."""
    workspace = open_workspace(folder)
    disclosure.read_policy(workspace.municipality.policy)
    notes = [f"warning: {note}" for note in warnings_about(folder)]
    notes += [f"districts: {note}" for note in (workspace.districts.notes if workspace.districts else ())]
    before = None
    for wave in workspace.waves:
        if wave.id in workspace.closed.forgotten:
            continue
        intake = take_in(workspace, wave, say, before)
        before = intake.responses
        if wave.plan:
            publish.read_plan(wave.folder / wave.plan, workspace.indicators)
        subject = analyst.subject_of(intake.responses, intake.answers, intake.cases)
        found = [*subject.notes, *analyst.intake_notes(folder, subject, workspace.key)]
        notes += [f"{wave.id}: {note}" for note in found]
        notes.append(f"{wave.id}: {len(intake.answers.columns)} indicators can be made. Ready to rebuild.")
    return notes


def new_wave(folder: Path, file: Path, wave: str = "", form: Path | None = None) -> tuple[Path, str]:
    """Draft a wave.toml for the survey file, beside a copy of it; or write it as the filled-in `form` decides.

    Returns the path of wave.toml, and a sentence on what is in doubt.
    """
    found = re.search(r"(?:19|20)\d\d", file.stem)
    name = wave or (found.group() if found else "")
    if not re.fullmatch(r"[\w-]+", name):
        raise BuildError(
            f"no year stands in '{file.name}'. Name the wave: `mapping new-wave {file} --id 2026`."
        )
    target, questions = folder / "data" / "raw" / name, codebook.questions(own_indicators(folder))
    if form is None:
        drafted = ingest.write_draft(file, target, questions)
    else:
        drafted = ingest.write_from_form(file, form, target, questions)
    manifest.own_copy(file, target)
    return drafted


def write_codebook(folder: Path, into: Path, languages: Sequence[str]) -> list[Path]:
    """The codebook, with the indicators of the workspace in `folder`: a page per language, and CSV with metadata."""
    extra = own_indicators(folder)
    indicators = codebook.load(extra)
    files = {
        f"codebook.{language}.html": codebook.page(indicators, language).encode() for language in languages
    }
    files |= codebook.export(indicators, codebook.questions(extra), codebook.case_fields())
    for name, content in files.items():
        manifest.write_whole(into / name, content)
    return [into / name for name in files]


def audit(reports: Path) -> disclosure.Verdict:
    """Attack the written files of one release, with the counts of the workspace it lies in where they are there."""
    return disclosure.audit_release(reports)


def write_demo(folder: Path, size: str) -> None:
    """The synthetic municipality as a workspace in `folder`."""
    demo.build(folder, size=size)
