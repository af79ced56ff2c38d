"""Reading the questions: items.toml of the codebook, and [items.*] beside an indicator of a workspace.

The fields of a case extract (cases.toml) are written in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mapping.concepts.question import Labels, Question
from mapping.concepts.settings import Section, read_settings
from mapping.errors import SettingsError

__all__ = ["HOME", "read_fields", "read_questions", "table", "texts"]

HOME = Path(__file__).parent
LANGUAGES = ("sv", "en")


def table(section: Section, key: str) -> Section:
    """The table under `key`, empty where there is none."""
    return section.section(key) or Section({}, section.file, key)


def _spoken(section: Section) -> tuple[str, ...]:
    """The languages of a text: all of them, or none where there is no text."""
    if section.names() and (missing := [lang for lang in LANGUAGES if lang not in section]):
        raise section.error(
            f"the language '{missing[0]}' is missing. Write the text in {' and '.join(LANGUAGES)}."
        )
    return LANGUAGES if section.names() else ()


def texts(section: Section) -> dict[str, str]:
    """A text in each language, or nothing where there is no text.

    Raises
    ------
    SettingsError
        If a language is missing, empty or unknown.
    """
    found = {language: section.get(language, str) for language in _spoken(section)}
    if empty := [language for language, text in found.items() if not text.strip()]:
        raise section.error(f"the text in '{empty[0]}' is empty. Write it.")
    section.done()
    return found


def _labels(section: Section) -> dict[str, Labels]:
    found: dict[str, Labels] = {}
    for code in section.names():
        part = table(section, code)
        found[code] = {language: part.texts(language) for language in _spoken(part)}
        part.done()
    return found


def _covers(section: Section, answers: Mapping[str, Labels]) -> dict[str, tuple[str, ...]]:
    found = {code: section.texts(code) for code in section.names()}
    for code in [*found, *(covered for part in found.values() for covered in part)]:
        if code not in answers:
            raise section.error(f"there is no answer '{code}'. The answers are {', '.join(answers)}.")
    return found


def _question(section: Section, id_: str) -> Question:
    answers = _labels(table(section, "answers"))
    question = Question(
        id_,
        texts(section.table("question")),
        answers=answers,
        boxes=_labels(table(section, "boxes")),
        covers=_covers(table(section, "covers"), answers),
    )
    if bool(question.answers) == bool(question.boxes):
        raise section.error("give either 'answers' (one question) or 'boxes' (a multiple response).")
    section.done()
    return question


def _of(section: Section) -> dict[str, Question]:
    names = [name for name in section.names() if name != "schema"]
    for name in names:
        if not (name.isidentifier() and name.islower()):
            raise section.error(f"'{name}' is not a name for a question: use small letters, digits and _.")
    return {name: _question(table(section, name), name) for name in names}


def read_questions(extra: Path | None = None) -> dict[str, Question]:
    """The questions of the codebook, and those that the indicators in the folder `extra` bring along.

    Raises
    ------
    SettingsError
        If a question of `extra` has the name of one that exists already.
    """
    found = _of(read_settings(HOME / "items.toml"))
    for path in sorted(extra.glob("*.toml")) if extra else []:
        for name, question in _of(table(read_settings(path), "items")).items():
            if name in found:
                raise SettingsError(
                    f"{path.name}: the question '{name}' exists already. Use it as it is, or give it another name."
                )
            found[name] = question
    return found


def read_fields() -> dict[str, Question]:
    """The fields of a case extract that rules may name, with their codes."""
    return _of(read_settings(HOME / "cases.toml"))
