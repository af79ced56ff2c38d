"""A draft as the text of a wave.toml: what is sure is written, what is not stands as a comment with its doubt."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence

from mapping.concepts.responses import DECLINED, SKIPPED, UNSURE
from mapping.ingest.drafting.draft import GROUPS, Draft, Ticks
from mapping.ingest.drafting.likeness import Proposal

__all__ = ["is_untouched", "sidecar"]

DRAFTED = (
    "# Drafted by `mapping new-wave` from names, texts and labels. Read every line before you use it.",
    "# What is IN DOUBT stands as a comment. Scores go from 0 to 100.",
)
DECIDED = ("# Made by `mapping new-wave --form` from the form that was filled in.",)
_SILENT = (("missing", SKIPPED), ("unsure", UNSURE), ("declined", DECLINED))
_DESIGN = (
    ("school", "school", "{}"),
    ("class", "class", "{}"),
    ("strata", "stratum", "[{}]"),
    ("psu", "psu", "{}"),
    ("weights", "weight", "{}"),
)


def _string(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _array(values: Sequence[object]) -> str:
    return "[" + ", ".join(map(_string, values)) + "]"


def _one_line(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text)[:160]


def _commented(block: list[str], doubts: Sequence[str], score: float | None = None) -> list[str]:
    """A block as it is, or, where there is a doubt, as comments under it."""
    head = [] if score is None else [f"score {score:g}"]
    if not doubts:
        return [f"# {', '.join(head)}", *block] if head else block
    return [f"# IN DOUBT: {'; '.join([*head, *doubts])}", *(f"# {line}" for line in block)]


def _line(line: str, doubt: str) -> str:
    return f"# IN DOUBT: {doubt}: {line}" if doubt else line


def _head(draft: Draft, wave: str) -> list[str]:
    lines = [
        *(DECIDED if draft.decided else DRAFTED),
        "schema = 1",
        f"id = {_string(wave)}",
        'survey = ""                        # what the survey calls itself',
        'population = ""                    # whom it stands for, in a sentence',
        '# fieldwork = ["2026-02-02", "2026-03-13"]',
        "",
        "[file]",
        f"path = {_string(draft.file)}",
    ]
    if role := draft.roles.get("respondent"):
        lines.append(_line(f"respondent = {_string(role.variable.name)}", role.doubt))
    return lines + [f"{key} = {_array(draft.silent[kind])}" for key, kind in _SILENT if kind in draft.silent]


def _design(draft: Draft) -> list[str]:
    lines = ["", "[design]"]
    for key, name, form in _DESIGN:
        if role := draft.roles.get(name):
            lines.append(_line(f"{key} = {form.format(_string(role.variable.name))}", role.doubt))
    lines.append(
        '# frame = "frame.csv"            # school;grade;sex;registered;present;answered, if you have it'
    )
    return lines


def _area(draft: Draft) -> list[str]:
    role = draft.roles.get("area")
    if role is None:
        return ["", "[area]", 'kind = "none"                   # no column with a district was recognised']
    block = ["[area]", 'kind = "residence"', f"column = {_string(role.variable.name)}", 'geography = ""']
    if draft.elsewhere:
        block.append(f"elsewhere = {_array(draft.elsewhere)}")
    return [
        "",
        "# is this where the pupil lives (residence), or where the school lies (school_catchment)?",
        *_commented(block, [role.doubt] if role.doubt else []),
    ]


def _groups(draft: Draft) -> list[str]:
    lines = []
    for name in GROUPS:
        if name not in draft.roles:
            lines += ["", f"# no column for [groups.{name}] was recognised"]
            continue
        role, levels = draft.roles[name], draft.levels[name]
        labels = ", ".join(f"{_string(k)} = {_array(v)}" for k, v in levels.labels.items())
        block = [
            f"[groups.{name}]",
            f"column = {_string(role.variable.name)}",
            f"labels = {{ {labels} }}",
        ]
        doubts = [*([role.doubt] if role.doubt else []), *levels.doubts]
        lines += ["", *_commented(block, doubts)]
    return lines


def _item(proposal: Proposal, scored: bool) -> list[str]:
    values = ", ".join(f"{code} = {_array(labels)}" for code, labels in proposal.answers.items())
    block = [
        f"[items.{proposal.item}]",
        f"variable = {_string(proposal.variable.name)}",
        f"values = {{ {values} }}",
    ]
    asks = [f"# {proposal.variable.name}: {_one_line(proposal.variable.text)}"]
    return ["", *asks, *_commented(block, proposal.doubts, proposal.score if scored else None)]


def _boxes(item: str, proposals: Sequence[Proposal], ticks: Ticks, scored: bool) -> list[str]:
    variables = ", ".join(f"{p.box} = {_string(p.variable.name)}" for p in proposals)
    block = [
        f"[items.{item}]",
        f"variables = {{ {variables} }}",
        f"checked = {_array(ticks.checked)}",
        *([f"unchecked = {_array(ticks.unchecked)}"] if ticks.unchecked else []),
    ]
    doubts = [*dict.fromkeys(doubt for p in proposals for doubt in p.doubts), *ticks.doubts]
    asks = [f"# {p.variable.name}: {_one_line(p.variable.text)}" for p in proposals]
    return ["", *asks, *_commented(block, doubts, min(p.score for p in proposals) if scored else None)]


def _left(draft: Draft) -> list[str]:
    used = draft.used
    left = [v for v in draft.variables if v.name not in used]
    if not left:
        return []
    head = "not used, and not read" if draft.decided else "not recognised, and not read unless you name them"
    return ["", f"# {head}:"] + [
        f"#   {v.name}: {_one_line(v.text)}" if v.text != v.name else f"#   {v.name}" for v in left
    ]


def sidecar(draft: Draft, wave: str) -> str:
    """The text of wave.toml for the wave `wave`."""
    lines = [*_head(draft, wave), *_design(draft), *_area(draft), *_groups(draft)]
    singles = [p for p in draft.proposals if not p.box]
    for proposal in sorted(singles, key=lambda p: (not p.sure, -p.score)):
        lines += _item(proposal, not draft.decided)
    for item, ticks in draft.ticks.items():
        lines += _boxes(
            item, [p for p in draft.proposals if p.box and p.item == item], ticks, not draft.decided
        )
    text = "\n".join([*lines, *_left(draft)]) + "\n"
    return f"{text}{MARK}{_mark(text)}\n"


MARK = "# unchanged since it was made as long as this fits: "


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_untouched(text: str) -> bool:
    """Whether the text of a wave.toml is as it was made, so that nobody's work is lost with it."""
    made, _, mark = text.rpartition(MARK)
    return mark.strip() == _mark(made)
