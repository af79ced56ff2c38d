"""The files of a draft: wave.toml and the form beside it, and wave.toml again from the form once it is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mapping.concepts.question import Question
from mapping.errors import BuildError
from mapping.ingest.drafting.draft import Draft, understand
from mapping.ingest.drafting.filled import read_form
from mapping.ingest.drafting.form import form
from mapping.ingest.drafting.sidecar import is_untouched, sidecar
from mapping.ingest.readers import read_table

__all__ = ["FORM", "propose", "write_draft", "write_from_form"]

FORM = "wave-form.xlsx"
ROWS = 100_000  # enough to see which values a variable has


def _understood(file: Path, questions: Mapping[str, Question]) -> Draft:
    return understand(read_table(file, limit=ROWS), questions)


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
    return _told(sidecar(_understood(file, questions), wave))


def _told(text: str) -> tuple[str, str]:
    doubtful = text.count("# IN DOUBT")
    sure = text.count("\n[items.")
    return text, f"{sure} questions were recognised; {doubtful} proposals are in doubt and stand as comments."


def write_draft(file: Path, folder: Path, questions: Mapping[str, Question]) -> tuple[Path, str]:
    """Write the draft of wave.toml, and a form to decide it in, into `folder`, whose name is the wave's id.

    Returns
    -------
    Path
        Of wave.toml; the form lies beside it.
    str
        A sentence on what is in doubt.

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
    draft = _understood(file, questions)
    text, doubts = _told(sidecar(draft, folder.name))
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    (folder / FORM).write_bytes(form(draft, questions))
    return target, doubts


def write_from_form(
    file: Path, filled: Path, folder: Path, questions: Mapping[str, Question]
) -> tuple[Path, str]:
    """Write wave.toml as the form `filled` decides it; a draft nobody has touched is replaced.

    Raises
    ------
    BuildError
        If wave.toml has been changed by hand since it was drafted.
    InputError
        If the form is damaged, is about another file, or leaves something open: with sheet, row and remedy.
    """
    target = folder / "wave.toml"
    draft = _understood(file, questions)
    if target.exists() and not is_untouched(target.read_text(encoding="utf-8")):
        raise BuildError(
            f"{target} was changed by hand since it was made and is not overwritten. Go on in it, or remove it first."
        )
    decided = read_form(filled, draft, questions)
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(sidecar(decided, folder.name), encoding="utf-8")
    left = len(draft.variables) - len(decided.used)
    questions_used = len({p.item for p in decided.proposals})
    return target, f"{questions_used} questions are mapped; {left} variables are not used."
