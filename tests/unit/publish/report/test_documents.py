"""Documents to paste from: they say what the report says, can be edited, and hold nothing that is withheld."""

from __future__ import annotations

import io
from collections.abc import Mapping

import docx
import pytest

from mapping.disclosure import ProtectedRelease
from mapping.errors import SealError
from mapping.publish import Context, pictures
from mapping.publish.content import content
from mapping.publish.documents import documents
from mapping.publish.view import View
from mapping.texts import load

NAMES = ("summary", "answer", "draft", "figures")


@pytest.fixture(scope="module")
def made(whole_release: ProtectedRelease, context: Context) -> dict[str, dict[str, bytes]]:
    found = {}
    for language in ("sv", "en"):
        drawn = pictures.draw(View(whole_release, context, load(language)), alone=True)
        chosen = {slot: drawn[slot] for slot in list(drawn)[:2]}
        pixels = {picture.name: picture.png for picture in chosen.values()}
        found[language] = documents(whole_release, context, language, chosen, pixels)
    return found


def words(content: bytes) -> str:
    read = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in read.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in read.paragraphs), *cells])


def test_only_what_the_gate_made_becomes_a_document(context: Context) -> None:
    with pytest.raises(SealError):
        documents(object(), context, "sv", {}, {})  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_document_is_there_in_its_language(
    made: Mapping[str, Mapping[str, bytes]], language: str
) -> None:
    assert set(made[language]) == {f"documents/{name}.{language}.docx" for name in NAMES}
    for content_ in made[language].values():
        read = docx.Document(io.BytesIO(content_))
        assert read.core_properties.language == language
        assert read.core_properties.title == read.paragraphs[0].text
        assert read.core_properties.author == "Exempelköpings kommun"
        assert read.sections[0].header.paragraphs[0].text


@pytest.mark.parametrize("name", ["summary", "answer", "draft"])
def test_the_headline_is_that_of_the_report(
    made: Mapping[str, Mapping[str, bytes]], whole_release: ProtectedRelease, context: Context, name: str
) -> None:
    lead = content(whole_release, context, "sv")["lead"]
    said = words(made["sv"][f"documents/{name}.sv.docx"])
    assert said.count(lead["text"]) == 1
    assert lead["detail"] in said


def test_the_draft_leaves_open_what_somebody_must_write(made: Mapping[str, Mapping[str, bytes]]) -> None:
    said = words(made["sv"]["documents/draft.sv.docx"])
    for heading in ("Förslag till beslut", "Barnets bästa", "Ekonomiska konsekvenser", "Beslutsunderlag"):
        assert heading in said
    assert said.count("[") >= 5


def test_an_answer_tells_what_is_known_what_is_done_and_where_help_is(
    made: Mapping[str, Mapping[str, bytes]],
) -> None:
    said = words(made["sv"]["documents/answer.sv.docx"])
    assert said.index("Vad vi vet") < said.index("Vad som görs") < said.index("Här finns hjälp")
    assert "Utbildning av personal" in said
    assert "Bris 116 111" in said


def test_every_picture_has_its_alternative_text(
    made: Mapping[str, Mapping[str, bytes]], whole_release: ProtectedRelease, context: Context
) -> None:
    drawn = pictures.draw(View(whole_release, context, load("sv")), alone=True)
    read = docx.Document(io.BytesIO(made["sv"]["documents/figures.sv.docx"]))
    told = [shape._inline.docPr.get("descr") for shape in read.inline_shapes]
    assert told == [picture.alt for picture in list(drawn.values())[:2]]


def test_the_same_release_gives_the_same_bytes(
    made: Mapping[str, Mapping[str, bytes]], whole_release: ProtectedRelease, context: Context
) -> None:
    again = documents(whole_release, context, "sv", {}, {})
    name = "documents/answer.sv.docx"
    assert again[name] == made["sv"][name]
