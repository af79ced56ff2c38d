"""Drafts for the assessment: every question has somebody who answers it, settings are filled in, no law is asserted."""

from __future__ import annotations

import io
import re
import tomllib
from pathlib import Path
from typing import Any

import docx
import pytest

from mapping import dpia
from mapping.errors import BuildError

LAW = re.compile(
    r"§|\bartikel \d|\b\d{4}:\d+\b|enligt lag|krävs enligt|är tillåtet|är lagligt|har rätt att|får ni\b", re.I
)


@pytest.fixture(scope="module")
def questions(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "src/mapping/dpia/questions.toml").read_text(encoding="utf-8"))


def each(questions: dict[str, Any]) -> list[dict[str, str]]:
    return [q for draft in questions["drafts"] for section in draft["sections"] for q in section["questions"]]


def words(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)


@pytest.fixture
def workspace(root: Path, tmp_path: Path) -> Path:
    """The examples of docs/workspace.md as a workspace."""
    text = (root / "docs" / "workspace.md").read_text(encoding="utf-8")
    for heading, name in (
        ("municipality.toml", "municipality.toml"),
        ("publication.toml", "publication.toml"),
        ("data/raw/&lt;wave&gt;/wave.toml", "data/raw/2026/wave.toml"),
    ):
        found = re.search(r"```toml\n(.*?)```", text.split(f"\n## {heading}\n", 1)[1], re.DOTALL)
        assert found is not None
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(found[1], encoding="utf-8")
    return tmp_path


def test_every_question_is_one_and_names_who_answers(questions: dict[str, Any]) -> None:
    assert len(each(questions)) > 40
    assert [
        q["text"] for q in each(questions) if not q["text"].rstrip(".").endswith("?") and "?" not in q["text"]
    ] == []
    assert {q["who"] for q in each(questions)} == set(questions["who"])


def test_no_law_is_asserted(questions: dict[str, Any]) -> None:
    said = [
        *(q["text"] for q in each(questions)),
        *(d["lead"] for d in questions["drafts"]),
        *dpia._STANDING.values(),
    ]
    assert [text for text in said if LAW.search(text)] == []
    assert LAW.search("Behandlingen är laglig enligt 6 §")


def test_four_drafts_with_what_the_settings_say(
    workspace: Path, tmp_path: Path, questions: dict[str, Any]
) -> None:
    made = dpia.write_drafts(workspace, tmp_path / "utkast")
    assert [path.stem for path in made] == [draft["id"] for draft in questions["drafts"]]
    said = words(made[0].read_bytes())
    assert "Exempelköping" in said
    assert "base_n = 40" in said
    assert "Ärendeuttag finns för 2026" in said
    assert said.count("Svarar: ") == said.count("[Svar, datum och underskrift]") > 20


def test_every_fact_a_question_asks_for_is_known(
    workspace: Path, tmp_path: Path, questions: dict[str, Any]
) -> None:
    asked = {q["fact"] for q in each(questions) if "fact" in q}
    said = "\n".join(words(path.read_bytes()) for path in dpia.write_drafts(workspace, tmp_path / "u"))
    assert said.count("Programmet svarar: ") == sum("fact" in q for q in each(questions))
    assert asked >= set(dpia._STANDING)


def test_what_somebody_filled_in_is_not_overwritten(workspace: Path, tmp_path: Path) -> None:
    dpia.write_drafts(workspace, tmp_path / "u")
    with pytest.raises(BuildError, match="there already"):
        dpia.write_drafts(workspace, tmp_path / "u")
