"""Every need that municipalities have stated has its row in docs/needs.md, and the place it names is in the report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mapping import codebook
from mapping.publish.chapters import (
    annex,
    cases,
    changes,
    closing,
    detection,
    forms,
    plan,
    plan_annex,
    removal,
    summary,
    themes,
)
from mapping.publish.context import MISSION

NEEDS = (
    "all forms mapped",
    "serious forms and everyday control",
    "boys' dual role",
    "removal abroad with the routine's steps and school absence",
    "children who witness",
    "coherent picture with partner violence",
    "support regardless of age, sex, orientation, disability",
    "responsibility by unit",
    "yearly follow-up",
    "situation picture by city district",
    "persons using violence",
    "asylum seekers and undocumented",
    "who helps and who is not reached",
    "protected identity",
    "detection only by report",
    "during and after a shock such as a pandemic",
    "council's questions",
)
MODULES = (annex, cases, changes, closing, detection, forms, plan, plan_annex, removal, summary, themes)


def rows(root: Path) -> dict[str, tuple[list[str], str]]:
    """By need: the places it names, and how it is served."""
    text = (root / "docs" / "needs.md").read_text(encoding="utf-8")
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line[:2] == "| "
    ]
    return {need: (re.findall(r"`([^`]+)`", place), how) for need, place, how in cells[2:]}


def chapters() -> set[str]:
    """The ids of chapters as the program names them: the first text of every `section(...)`."""
    found = set(MISSION)
    for module in MODULES:
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        found |= set(re.findall(r'\bsection\(\s*"([a-z-]+)"', source))
    return found


@pytest.mark.parametrize("need", NEEDS)
def test_every_need_has_its_row_and_a_place(root: Path, need: str) -> None:
    places, how = rows(root)[need]
    assert places
    assert how


def test_no_row_is_there_without_a_need(root: Path) -> None:
    assert tuple(rows(root)) == NEEDS


def test_every_place_is_a_chapter_or_a_document_of_the_report(root: Path) -> None:
    known = chapters()
    assert {"forms", "cases", "removal-cases", "detection", "reach", "plan-detail"} <= known
    for places, _ in rows(root).values():
        for place in places:
            assert place in known or re.fullmatch(r"documents/[a-z]+\.sv\.docx", place), place


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_every_place_is_in_the_built_report_in_both_languages(root: Path, city: tuple[Path, Any]) -> None:
    made = city[0] / "reports" / "2026"
    for language in ("sv", "en"):
        page = (made / f"report.{language}.html").read_text(encoding="utf-8")
        for places, _ in rows(root).values():
            for place in places:
                there = (made / place).exists() if "/" in place else f'<section id="{place}"' in page
                assert there, (language, place)


def test_every_indicator_named_is_in_the_codebook(root: Path) -> None:
    entries = codebook.load()
    named = {id_ for _, how in rows(root).values() for id_ in re.findall(r"\b[SK]\d\d\b", how)}
    assert len(named) >= 5
    assert named <= set(entries)


def test_boys_are_never_counted_as_exposed_by_the_virginity_question_alone() -> None:
    entries = codebook.load()
    only_virginity = {"n_wait_sex", "n_no_love"}
    for id_ in ("S15", "S16", "S17", "S18", "S27"):
        items, parts, seen = set(entries[id_].items), list(entries[id_].parts), set()
        while parts:
            part = parts.pop()
            if part not in seen:
                seen.add(part)
                items |= set(entries[part].items)
                parts += entries[part].parts
        assert items - only_virginity, id_
    assert "n_partner" in {item for part in entries["S15"].parts for item in entries[part].items}


def test_the_dual_role_is_worded_as_a_demand_never_as_guilt() -> None:
    entries = codebook.load()
    accusing = re.compile(
        r"förövare|utövare|gärningsm|skyldig|perpetrat|offender|abuser|culprit|guilty|utövat", re.IGNORECASE
    )
    for id_ in ("S25", "S26", "S27"):
        entry = entries[id_]
        for text in (entry.name, entry.finding, entry.definition, entry.caveat):
            for language, words in text.items():
                assert not accusing.search(words), (id_, language)
