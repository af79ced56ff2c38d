"""Reading the questions: items.toml of the codebook, and [items.*] beside an indicator of a workspace."""

from __future__ import annotations

from pathlib import Path

from mapping.concepts.question import Labels, Question
from mapping.concepts.settings import Section, read_settings
from mapping.errors import SettingsError

__all__ = ["HOME", "read_questions", "table", "texts"]

HOME = Path(__file__).parent


def table(section: Section, key: str) -> Section:
    """The table under `key`, empty where there is none."""
    return section.section(key) or Section({}, section.file, key)


def texts(section: Section) -> dict[str, str]:
    """A text in each of its languages."""
    languages = section.names()
    return {language: section.get(language, str) for language in languages}


def _labels(section: Section) -> dict[str, Labels]:
    codes = {code: table(section, code) for code in list(section.names())}
    return {code: {lang: part.texts(lang) for lang in list(part.names())} for code, part in codes.items()}


def _question(section: Section, id_: str) -> Question:
    question = Question(
        id_,
        texts(section.table("question")),
        answers=_labels(table(section, "answers")),
        boxes=_labels(table(section, "boxes")),
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
