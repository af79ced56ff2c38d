"""The filled-in form read back: what each variable is used as, and what each of its labels means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from mapping.concepts.question import Question
from mapping.concepts.responses import ELSEWHERE
from mapping.errors import InputError
from mapping.ingest.drafting.draft import GROUPS, Draft, Levels, Role, Ticks
from mapping.ingest.drafting.form import ANSWERS, EMPTY, MEANINGS, TICKED, UNUSED, USES, VARIABLES, choices
from mapping.ingest.drafting.likeness import Proposal, Variable
from mapping.ingest.raw import nearest, normal

__all__ = ["read_form"]

_SILENT = ("unsure", "declined", "skipped")


@dataclass(frozen=True, slots=True)
class _Answer:
    """One row of sheet 2."""

    row: int
    label: str
    meaning: str


def _sheets(path: Path) -> dict[str, list[list[str]]]:
    if not path.is_file():
        raise InputError(f"{path.name}: there is no such form. Run `mapping new-wave FILE` to make one.")
    try:
        with CalamineWorkbook.from_path(path) as book:
            names = [name for name in (VARIABLES, ANSWERS) if name in book.sheet_names]
            cells = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except (CalamineError, OSError) as error:
        raise InputError(
            f"{path.name}: the form is damaged. Make it anew with `mapping new-wave`."
        ) from error
    if len(names) < 2:
        raise InputError(f"{path.name}: a form has the sheets '{VARIABLES}' and '{ANSWERS}'. Put them back.")
    return {name: [[str(cell).strip() for cell in row] for row in rows[1:]] for name, rows in cells.items()}


def _uses(path: Path, rows: list[list[str]], draft: Draft, words: Mapping[str, str]) -> dict[str, str]:
    """What each variable is used as, by its name; those not used are left out."""
    keys = {normal(word): key for key, word in words.items()} | {key: key for key in words}
    known = {variable.name: variable for variable in draft.variables}
    found: dict[str, str] = {}
    for number, row in enumerate(rows, 2):
        name, chosen = row[0], row[5]
        place = f"{path.name}, sheet '{VARIABLES}', row {number}"
        if not name or not chosen or normal(chosen) == normal(UNUSED):
            continue
        if name not in known:
            raise InputError(f"{place}: {draft.file} has no variable '{name}'. {nearest(name, known)}")
        key = keys.get(normal(chosen), keys.get(normal(chosen).split(":")[0], ""))
        if not key:
            raise InputError(f"{place}: '{chosen}' is no use of a variable. Choose one from the list.")
        if (
            other := next((n for n, k in found.items() if k == key and key != "stratum"), "")
        ) and other != name:
            raise InputError(
                f"{place}: '{name}' and '{other}' are both used as '{key}'. Leave one of them as '{UNUSED}'."
            )
        found[name] = key
    return found


def _meanings(path: Path, rows: list[list[str]]) -> dict[str, list[_Answer]]:
    words = {normal(word): key for key, word in MEANINGS.items()}
    found: dict[str, list[_Answer]] = {}
    for number, row in enumerate(rows, 2):
        name, label, meaning = row[0], row[1], row[3]
        if name:
            found.setdefault(name, []).append(_Answer(number, label, words.get(normal(meaning), meaning)))
    return found


class _Filled:
    """The form with the file it is about."""

    def __init__(self, path: Path, draft: Draft, questions: Mapping[str, Question]) -> None:
        sheets = _sheets(path)
        self.path, self.draft, self.questions = path, draft, questions
        self.uses = _uses(path, sheets[VARIABLES], draft, choices(questions))
        self.answers = _meanings(path, sheets[ANSWERS])

    def by_meaning(self, name: str, known: set[str], what: str) -> dict[str, tuple[str, ...]]:
        """The labels of a variable by what they mean; each must mean something that is `known`."""
        found: dict[str, list[str]] = {}
        for answer in self.answers.get(name, []):
            place = f"{self.path.name}, sheet '{ANSWERS}', row {answer.row}"
            if not answer.meaning:
                raise InputError(
                    f"{place}: it is not said what this answer of '{name}' means. Choose it from the list."
                )
            if known and answer.meaning not in known:
                raise InputError(
                    f"{place}: '{answer.meaning}' is no answer of {what}; its answers are {', '.join(sorted(known))}."
                )
            found.setdefault(answer.meaning, []).append(answer.label)
        return {meaning: tuple(labels) for meaning, labels in found.items()}

    def variable(self, key: str) -> Variable | None:
        """The variable used as `key`."""
        name = next((name for name, use in self.uses.items() if use == key), "")
        return next((variable for variable in self.draft.variables if variable.name == name), None)


def _without_silence(found: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {meaning: labels for meaning, labels in found.items() if meaning not in _SILENT}


def read_form(path: Path, draft: Draft, questions: Mapping[str, Question]) -> Draft:
    """The draft as the form decides it, without doubts.

    Raises
    ------
    InputError
        If the form is damaged, names a variable the file lacks, uses two variables as one thing, or leaves the meaning
        of an answer open: with sheet and row.
    """
    filled = _Filled(path, draft, questions)
    silent: dict[str, dict[str, None]] = {}
    proposals, levels = [], {}
    ticked: dict[str, dict[str, dict[str, None]]] = {}
    for name, key in filled.uses.items():
        variable = next(v for v in draft.variables if v.name == name)
        if key in GROUPS:
            known = {"girl", "boy", "other", *_SILENT} if key == "sex" else set[str]()
            found = filled.by_meaning(name, known, key)
            levels[key] = Levels(_without_silence(found))
        elif key in USES:
            continue
        elif "." in key:
            item, box = key.split(".")
            found = filled.by_meaning(name, {TICKED, EMPTY, *_SILENT}, f"box {key}")
            marks = ticked.setdefault(item, {TICKED: {}, EMPTY: {}})
            for mark in (TICKED, EMPTY):
                marks[mark] |= dict.fromkeys(found.get(mark, ()))
            proposals.append(Proposal(variable, item, box, 100.0, {}, ()))
        else:
            found = filled.by_meaning(name, {*questions[key].answers, *_SILENT}, key)
            proposals.append(Proposal(variable, key, "", 100.0, _without_silence(found), ()))
        if key not in GROUPS:  # "does not want to answer" may be a level of a group
            for kind in _SILENT:
                silent.setdefault(kind, {}).update(dict.fromkeys(found.get(kind, ())))
    area = filled.variable("area")
    elsewhere = [a.label for a in filled.answers.get(area.name, []) if a.meaning == ELSEWHERE] if area else []
    return replace(
        draft,
        roles={key: Role(v) for key in USES if (v := filled.variable(key)) is not None},
        levels=levels,
        proposals=proposals,
        ticks={item: Ticks(tuple(m[TICKED]), tuple(m[EMPTY])) for item, m in ticked.items()},
        silent={kind: tuple(labels) for kind, labels in silent.items() if labels},
        elsewhere=tuple(elsewhere),
        decided=True,
    )
