"""A draft of wave.toml for a strange file: what is sure is written, what is not stands as a comment with its doubt."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mapping.concepts.question import Question
from mapping.concepts.responses import DECLINED, SKIPPED, UNSURE
from mapping.errors import BuildError
from mapping.ingest.cases import SEXES
from mapping.ingest.door import guard
from mapping.ingest.likeness import Proposal, Variable, best_questions, silence, variables_of
from mapping.ingest.raw import normal
from mapping.ingest.readers import read_table

__all__ = ["propose", "write_draft"]

# what a design or background column is usually called, whole names first, then words in its text
ROLES: Mapping[str, tuple[str, ...]] = {
    "respondent": ("lopnr", "löpnr", "löpnummer", "respid", "respondent", "respondentid", "record", "caseid", "id"),
    "school": ("skola", "skolkod", "skolid", "school", "schoolid"),
    "class": ("klass", "klasskod", "class", "classid"),
    "stratum": ("stratum", "strata", "strat"),
    "psu": ("psu", "kluster", "cluster"),
    "weight": ("vikt", "kalvikt", "weight", "wt", "wgt", "finalwt", "kalibreradvikt"),
    "area": (
        "stadsdel", "stadsomrade", "stadsområde", "distrikt", "district", "deso", "regso", "nyko", "basomrade",
        "bostadsomrade", "bostadsområde", "omrade", "område", "borough", "area",
    ),
    "sex": ("kon", "kön", "sex", "gender", "juridisktkön"),
    "grade": ("ak", "åk", "arskurs", "årskurs", "grade"),
}  # fmt: skip


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", normal(name))


def _roles(variables: Sequence[Variable]) -> dict[str, tuple[Variable, str]]:
    """The variable of each role, and the doubt about it ("" where its name leaves none)."""
    found: dict[str, tuple[Variable, str]] = {}
    for role, names in ROLES.items():
        exact = [v for name in names for v in variables if _plain(v.name) == name]
        words = [v for v in variables if set(map(_plain, v.text.split())) & set(names) and v not in exact]
        chosen = exact or words
        if chosen:
            doubt = (
                ""
                if len(exact) == 1
                else "only its text says so"
                if not exact
                else f"so may {exact[1].name} be"
            )
            found[role] = (chosen[0], doubt)
    return found


def _string(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _array(values: Sequence[object]) -> str:
    return "[" + ", ".join(map(_string, values)) + "]"


def _group(role: str, variable: Variable) -> tuple[str, list[str]]:
    """The labels of a group as TOML, and the labels whose level is not clear."""
    levels: dict[str, list[str]] = {}
    unclear = []
    for label in variable.labels:
        text = normal(label)
        if role == "sex":
            level = next((level for level, words in SEXES.items() if text in words), "")
        else:
            match = re.search(r"\d+", text)
            upper = bool(re.search(r"gy|gymnas|upper", text))
            level = ("gy" if upper else "") + match.group() if match else ""
        if level:
            levels.setdefault(level, []).append(label)
        elif not silence(label):
            unclear.append(label)
    if role == "sex" and (
        other := [label for label in unclear if normal(label) in {"annat", "other", "icke-binär"}]
    ):
        levels["other"] = other
        unclear = [label for label in unclear if label not in other]
    return "{ " + ", ".join(f"{_string(k)} = {_array(v)}" for k, v in levels.items()) + " }", unclear


def _groups(roles: Mapping[str, tuple[Variable, str]]) -> list[str]:
    lines = []
    for role in ("sex", "grade"):
        if role not in roles:
            lines += ["", f"# no column for [groups.{role}] was recognised"]
            continue
        variable, doubt = roles[role]
        labels, unclear = _group(role, variable)
        numbers = [v for v in variable.values if not v.labelled and v.number == v.number]
        block = [f"[groups.{role}]", f"column = {_string(variable.name)}", f"labels = {labels}"]
        reasons = [
            *([doubt] if doubt else []),
            *([f"unclear labels: {', '.join(unclear)}"] if unclear else []),
            *(["codes without labels: say what they mean"] if numbers and role == "sex" else []),
            *(["no labels"] if labels == "{  }" else []),
        ]
        lines += ["", *_commented(block, reasons)]
    return lines


def _commented(block: list[str], doubts: Sequence[str], score: float | None = None) -> list[str]:
    """A block as it is, or, where there is a doubt, as comments under it."""
    head = [] if score is None else [f"score {score:g}"]
    if not doubts:
        return [f"# {', '.join(head)}", *block] if head else block
    return [f"# IN DOUBT: {'; '.join([*head, *doubts])}", *(f"# {line}" for line in block)]


def _item(proposal: Proposal) -> list[str]:
    values = ", ".join(f"{code} = {_array(labels)}" for code, labels in proposal.answers.items())
    block = [
        f"[items.{proposal.item}]",
        f"variable = {_string(proposal.variable.name)}",
        f"values = {{ {values} }}",
    ]
    asks = [f"# {proposal.variable.name}: {_one_line(proposal.variable.text)}"]
    return ["", *asks, *_commented(block, proposal.doubts, proposal.score)]


def _boxes(item: str, proposals: Sequence[Proposal]) -> list[str]:
    variables = ", ".join(f"{p.box} = {_string(p.variable.name)}" for p in proposals)
    labels = sorted({label for p in proposals for label in p.variable.labels if not silence(label)})
    ticked = [
        label for label in labels if normal(label) in {"ja", "yes", "markerat", "kryssat", "checked", "1"}
    ]
    block = [f"[items.{item}]", f"variables = {{ {variables} }}", f"checked = {_array(ticked or labels)}"]
    doubts = list(dict.fromkeys(doubt for p in proposals for doubt in p.doubts))
    if len(ticked) != 1:
        doubts.append(f"which label marks a ticked box: {', '.join(labels) or 'none seen'}")
    if not any(p.box == "none" for p in proposals):
        doubts.append("no box 'none of these' was found")
    asks = [f"# {p.variable.name}: {_one_line(p.variable.text)}" for p in proposals]
    return ["", *asks, *_commented(block, doubts, min(p.score for p in proposals))]


def _one_line(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text)[:160]


def _silent(variables: Sequence[Variable]) -> list[str]:
    labels = [label for variable in variables for label in variable.labels]
    lines = []
    for key, kind in (("missing", SKIPPED), ("unsure", UNSURE), ("declined", DECLINED)):
        found = list(dict.fromkeys(label for label in labels if silence(label) == kind))
        if found:
            lines.append(f"{key} = {_array(found)}")
    return lines


def _design(roles: Mapping[str, tuple[Variable, str]]) -> list[str]:
    lines = ["", "[design]"]
    for role, form in (
        ("school", "{}"),
        ("class", "{}"),
        ("stratum", "[{}]"),
        ("psu", "{}"),
        ("weight", "{}"),
    ):
        key = {"stratum": "strata", "weight": "weights"}.get(role, role)
        if role in roles:
            variable, doubt = roles[role]
            line = f"{key} = {form.format(_string(variable.name))}"
            lines.append(f"# IN DOUBT: {doubt}: {line}" if doubt else line)
    lines.append(
        '# frame = "frame.csv"            # school;grade;sex;registered;present;answered, if you have it'
    )
    if "area" in roles:
        variable, doubt = roles["area"]
        lines += [
            "",
            "# is this where the pupil lives (residence), or where the school lies (school_catchment)?",
        ]
        block = ["[area]", 'kind = "residence"', f"column = {_string(variable.name)}", 'geography = ""']
        return lines + _commented(block, [doubt] if doubt else [])
    return [
        *lines,
        "",
        "[area]",
        'kind = "none"                   # no column with a district was recognised',
    ]


def propose(file: Path, questions: Mapping[str, Question], *, wave: str) -> tuple[str, str]:
    """A wave.toml for `file` as text, and a sentence on what is in doubt.

    Parameters
    ----------
    file : Path
        A survey file of any kind that intake reads.
    questions : mapping
        The questions of the codebook, as `codebook.questions` returns them.
    wave : str
        The id of the wave, which is the name of its folder.

    Raises
    ------
    PrivacyError
        If the file holds anything that identifies a person: no draft is made from it.
    """
    table = read_table(file)
    guard(table)
    variables = variables_of(table)
    roles = _roles(variables)
    rest = [v for v in variables if v.name not in {variable.name for variable, _ in roles.values()}]
    proposals = best_questions(rest, questions)
    singles = [p for p in proposals if not p.box]
    multiple: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        if proposal.box:
            multiple.setdefault(proposal.item, []).append(proposal)
    head = [
        "# Drafted by `mapping new-wave` from names, texts and labels. Read every line before you use it.",
        "# What is IN DOUBT stands as a comment. Scores go from 0 to 100.",
        "schema = 1",
        f"id = {_string(wave)}",
        'survey = ""                        # what the survey calls itself',
        'population = ""                    # whom it stands for, in a sentence',
        '# fieldwork = ["2026-02-02", "2026-03-13"]',
        "",
        "[file]",
        f"path = {_string(file.name)}",
    ]
    if "respondent" in roles:
        variable, doubt = roles["respondent"]
        line = f"respondent = {_string(variable.name)}"
        head.append(f"# IN DOUBT: {doubt}: {line}" if doubt else line)
    lines = [*head, *_silent(rest), *_design(roles), *_groups(roles)]
    for proposal in sorted(singles, key=lambda p: (not p.sure, -p.score)):
        lines += _item(proposal)
    for item, found in multiple.items():
        lines += _boxes(item, found)
    used = {p.variable.name for p in proposals}
    if left := [v for v in rest if v.name not in used]:
        lines += ["", "# not recognised, and not read unless you name them:"]
        lines += [f"#   {v.name}: {_one_line(v.text)}" if v.text != v.name else f"#   {v.name}" for v in left]
    text = "\n".join(lines) + "\n"
    doubtful = text.count("# IN DOUBT")
    sure = text.count("\n[items.")
    return text, f"{sure} questions were recognised; {doubtful} proposals are in doubt and stand as comments."


def write_draft(file: Path, folder: Path, questions: Mapping[str, Question]) -> tuple[Path, str]:
    """Write the draft of wave.toml into `folder`, whose name is the wave's id; returns its path and what is in doubt.

    Raises
    ------
    BuildError
        If there is a wave.toml already: it is never overwritten.
    """
    target = folder / "wave.toml"
    if target.exists():
        raise BuildError(
            f"{target} exists already and is not overwritten. Remove it, or choose another wave id."
        )
    text, doubts = propose(file, questions, wave=folder.name)
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target, doubts
