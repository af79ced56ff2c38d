"""Attacks on what is written: pictures, words about pictures, tables, hidden corners of files, hashes, messages."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from pypdf import PdfReader, PdfWriter

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import Counts, audit_release, protect, read_policy, truth_of
from mapping.disclosure.units import gather_units
from mapping.errors import DisclosureError
from mapping.manifest import digest
from mapping.publish.charts import draw_places
from mapping.publish.maps import draw_map
from mapping.publish.open_data import rows as open_rows
from mapping.publish.open_data import tables
from mapping.publish.palette import BORDER, SEQUENTIAL

pytestmark = pytest.mark.xdist_group("squares")  # one release for all


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def labels(svg: bytes) -> list[str]:
    """Texts of a drawing that stand on one line with each other."""
    lines: dict[str, list[str]] = {}
    for y, text in re.findall(r'<text [^>]*?y="(-?\d+)"[^>]*>([^<]*)</text>', svg.decode()):
        lines.setdefault(y, []).append(text)
    return [" | ".join(parts) for parts in lines.values()]


def places(squares: Any, release: Any) -> Any:
    context = squares.context
    return draw_places(release, context.districts, context.indicators["S04"], wave="2026", language="sv")


def map_of(squares: Any, release: Any, kind: str = "estimate") -> Any:
    context = squares.context
    return draw_map(
        release, context.districts, context.indicators["S04"], wave="2026", language="sv", kind=kind
    )  # type: ignore[arg-type]


# ---- what is drawn -------------------------------------------------------------------------------------------------


def test_what_stands_beside_a_name_in_a_chart_is_no_number_of_a_blank_place(town_of_squares: Any) -> None:
    squares = town_of_squares

    def beside(release: Any) -> str:
        return next(line for line in labels(places(squares, release).svg) if squares.name in line)

    assert "2\u202f%" in beside(squares.open)
    assert not re.search(r"\d", beside(squares.closed))


def test_the_alternative_text_does_not_name_the_lowest_share_of_a_blank_place(town_of_squares: Any) -> None:
    """The range of a chart begins with the smallest share: the secret's."""
    squares = town_of_squares
    assert "från 2\u202f%" in places(squares, squares.open).alt
    assert "från 12\u202f%" in places(squares, squares.closed).alt
    assert squares.name in map_of(squares, squares.open, "exceedance").alt
    assert squares.name not in map_of(squares, squares.closed, "exceedance").alt


def test_there_is_no_colour_under_a_grey_place(town_of_squares: Any) -> None:
    """The fill tells the class of the share; behind the gate all blank places have one and the same."""
    squares = town_of_squares

    def fills(release: Any) -> list[str]:
        svg = map_of(squares, release).svg.decode()
        return re.findall(rf'<path fill="([^"]+)" stroke="{BORDER}"', svg)[:9]

    at = int(squares.secret[1:]) - 1
    assert SEQUENTIAL.index(fills(squares.open)[at]) == 0
    assert fills(squares.open)[at] != fills(squares.open)[at + 1]  # Furuvik, 16 per cent
    closed = fills(squares.closed)
    assert closed[at] == closed[at + 1]
    assert closed[at] not in SEQUENTIAL


def test_the_axis_does_not_reach_for_a_blank_share(
    town_of_squares: Any, request: pytest.FixtureRequest
) -> None:
    """137 of 140 said yes, and are withheld; an axis up to 100 per cent would say so."""
    squares = town_of_squares

    def top(release: Any) -> int:
        return max(int(tick) for tick in re.findall(r">(\d+)</text>", places(squares, release).svg.decode()))

    closed = squares.again((squares.secret, 137), ("d6", 60))
    assert top(closed) <= 60
    request.getfixturevalue("no_gate")
    assert top(squares.again((squares.secret, 137), ("d6", 60))) == 100


def test_captions_and_sentences_do_not_place_a_blank(town_of_squares: Any) -> None:
    """Which side of the municipality's level a blank place lies on."""
    squares = town_of_squares

    def said(folder: Path) -> list[str]:
        page = re.sub(r"<[^>]+>", " ", (folder / "report.sv.html").read_text(encoding="utf-8"))
        return [s for s in re.split(r"[.\n]", page) if squares.name in s and "nivå" in s]

    assert any("under kommunens nivå" in sentence for sentence in said(squares.unprotected))
    assert said(squares.folder) == []


def test_the_public_model_has_no_estimate_of_a_blank_place(town_of_squares: Any) -> None:
    squares = town_of_squares
    assert [m.share for m in squares.open.model if m.area == squares.secret] == [3.0]
    assert [m for m in squares.closed.model if m.area == squares.secret] == []
    assert squares.closed.model == squares.again((squares.secret, 4), ("d6", 21)).model


# ---- what a file is like -------------------------------------------------------------------------------------------


def test_size_and_order_of_files_are_the_same_in_two_worlds(
    town_of_squares: Any, request: pytest.FixtureRequest
) -> None:
    """One yes more in one blank place, one less in another: not one byte differs, in any file."""
    squares = town_of_squares
    here, there = files(squares.folder), files(squares.other)
    assert list(here) == list(there)
    assert {name for name in here if here[name] != there[name]} == set()

    request.getfixturevalue("no_gate")
    other = tables(squares.again((squares.secret, 4), ("d6", 21)), squares.context)
    mine = tables(squares.open, squares.context)
    assert mine["figures.csv"] != other["figures.csv"]


def test_the_time_of_the_work_is_in_no_file(town_of_squares: Any) -> None:
    """Built at two moments, the files are the same; and a PDF is dated by the fieldwork."""
    squares = town_of_squares
    dated = PdfReader(squares.folder / "report.sv.pdf").metadata
    assert dated is not None
    assert dated.creation_date is None or dated.creation_date.date().isoformat() == "2026-03-13"
    writer = PdfWriter()
    writer.add_blank_page(10, 10)
    writer.add_metadata({"/CreationDate": "D:20270101120000"})
    writer.write(out := io.BytesIO())
    assert PdfReader(out).metadata.creation_date.year == 2027  # type: ignore[union-attr]


def with_property(path: Path, text: str) -> bytes:
    writer = PdfWriter(clone_from=path)
    writer.add_metadata({"/Keywords": text})
    writer.write(out := io.BytesIO())
    return out.getvalue()


def with_attachment(path: Path, text: str) -> bytes:
    writer = PdfWriter(clone_from=path)
    writer.add_attachment("note.txt", text.encode())
    writer.write(out := io.BytesIO())
    return out.getvalue()


def hidden_sheet(place: str, number: int) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("raw")
    sheet.sheet_state = "veryHidden"
    sheet.append([place, number])
    book.save(out := io.BytesIO())
    return out.getvalue()


def text_document(said: str = "", row: tuple[str, ...] = (), title: str = "") -> bytes:
    made = docx.Document()
    made.add_paragraph(said)
    for cell, text in zip(made.add_table(1, len(row)).rows[0].cells if row else (), row, strict=True):
        cell.text = text
    made.core_properties.title = title
    made.save(out := io.BytesIO())
    return out.getvalue()


def notebook(place: str, number: int) -> str:
    output = {"output_type": "stream", "text": [f"{place}   {number}\n"]}
    return json.dumps({"cells": [{"cell_type": "code", "source": [], "outputs": [output]}]})


def after(text: bytes, end: bytes, more: str) -> bytes:
    return text.replace(end, more.encode() + end)


Plant = Callable[[str, str, Path], object]  # name and code of the place, and the file


def appended(end: bytes, text: str) -> Plant:
    """Puts a text before the end of a page or drawing."""
    return lambda name, code, path: path.write_bytes(
        after(path.read_bytes(), end, text.format(name=name, code=code))
    )


def one_column_more(name: str, code: str, path: Path) -> object:
    lines = path.read_text(encoding="utf-8").splitlines()
    return path.write_text(
        "".join(f"{x},{87 if f'|{code}|' in x else ''}\n" for x in lines), encoding="utf-8"
    )


TRACE = '<script>P([{{"locations":["{code}","d1"],"z":[87,14]}}])</script>'
DRAWING = "maps/{}-S04-2026-district-all-sv.svg"
CHANNELS: dict[str, tuple[str, Plant, str]] = {  # the file, how a number gets in, what of the audit finds it
    "hover text": (
        DRAWING.format("estimate"), appended(b"</svg>", "<g><title>{name} 87 %</title></g>"), "blocks_of"
    ),
    "a comment in a drawing": (DRAWING.format("places"), appended(b"</svg>", "<!-- {name} 87 % -->"), "blocks_of"),
    "an alternative text": ("report.sv.html", appended(b"</body>", '<img alt="{name} 87 %">'), "blocks_of"),
    "a caption": (
        "report.sv.html", appended(b"</body>", "<figcaption>{name}: 87 elever</figcaption>"), "blocks_of"
    ),
    "the trace of a chart": ("report.sv.html", appended(b"</body>", TRACE), "rows_of"),
    "a property of the PDF": (
        "report.sv.pdf", lambda name, code, p: p.write_bytes(with_property(p, f"{name} 87 %")), "blocks_of"
    ),
    "an attachment of the PDF": (
        "report.sv.pdf", lambda name, code, p: p.write_bytes(with_attachment(p, f"{name} 87 %")), "blocks_of"
    ),
    "a line of a text document": (
        "documents/note.docx", lambda name, code, p: p.write_bytes(text_document(f"{name}: 87 %")), "blocks_of"
    ),
    "a row of a text document": (
        "documents/note.docx", lambda name, code, p: p.write_bytes(text_document(row=(name, "87"))), "rows_of"
    ),
    "a property of a text document": (
        "documents/note.docx", lambda name, code, p: p.write_bytes(text_document(title=f"{name} 87 %")), "blocks_of"
    ),
    "a hidden sheet": (
        "tables/figures.xlsx", lambda name, code, p: p.write_bytes(hidden_sheet(name, 87)), "rows_of"
    ),
    "an output of a notebook": (
        "tables/how.ipynb", lambda name, code, p: p.write_text(notebook(name, 87)), "rows_of"
    ),
    "one column more in the table": ("tables/figures.csv", one_column_more, "rows_of"),
}  # fmt: skip


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_number_in_a_corner_of_a_file_does_not_leave_the_house(
    town_of_squares: Any, tmp_path: Path, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    squares = town_of_squares
    name, plant, reader = CHANNELS[channel]
    folder = Path(shutil.copytree(squares.folder, tmp_path / "reports" / "2026"))
    about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    (folder / "release.json").write_text(json.dumps(about | {"files": {}}), encoding="utf-8")
    assert audit_release(folder).safe
    plant(squares.name, squares.secret, folder / name)

    found = audit_release(folder).leaks
    assert {(leak.key.split("|")[3], leak.where) for leak in found} == {(squares.secret, name)}

    monkeypatch.setattr(f"mapping.disclosure.auditing.places_told.{reader}", lambda folder: iter(()))
    assert audit_release(folder).safe


def test_a_file_that_was_touched_after_the_release_shows(town_of_squares: Any, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(town_of_squares.folder, tmp_path / "reports" / "2026"))
    assert audit_release(folder).safe
    page = folder / "report.sv.html"
    page.write_bytes(after(page.read_bytes(), b"</body>", "<p>a word</p>"))
    assert [leak.key for leak in audit_release(folder).leaks] == ["report.sv.html"]


def test_a_cell_that_a_spreadsheet_would_run_is_only_shown(
    town_of_squares: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place called like a formula could send the table away, or bring another one in."""
    squares = town_of_squares
    districts = squares.context.districts
    named = districts.frame.assign(name=["=WEBSERVICE(A1)", *districts.frame["name"][1:]])
    context = replace(squares.context, districts=replace(districts, frame=named))

    def running() -> list[str]:
        cells = tables(squares.closed, context)["areas.csv"].decode().replace("\n", ",").split(",")
        return [cell for cell in cells if cell.startswith("=")]

    assert running() == []
    monkeypatch.setattr(open_rows, "neutral", lambda text: text)
    assert set(running()) == {"=WEBSERVICE(A1)"}


# ---- hashes, records, messages -------------------------------------------------------------------------------------


def guesses() -> Any:
    """Every table of 24 rows that agrees with what is printed: eight counts are blank, each from 0 to 2."""
    for blank in itertools.product(range(3), repeat=8):
        yield "\n".join(f"row{i},{blank[i] if i < 8 else 20 + i}" for i in range(24)).encode()


def test_no_hash_of_an_input_confirms_a_guess(town_of_squares: Any, tmp_path: Path) -> None:
    """A plain hash of a table of 24 rows is inverted in a second; a keyed one, and none at all, is not."""
    secret = next(itertools.islice(guesses(), 4321, None))
    plain = hashlib.sha256(secret).hexdigest()
    assert next(guess for guess in guesses() if hashlib.sha256(guess).hexdigest() == plain) == secret

    (table := tmp_path / "answers.csv").write_bytes(secret)
    keyed = digest([table], tmp_path, b"k" * 32)
    folder = town_of_squares.folder
    public = {hashlib.sha256(content).hexdigest() for content in files(folder).values()}
    told = set(re.findall(r"[0-9a-f]{64}", (folder / "release.json").read_text(encoding="utf-8")))
    assert told <= public
    assert not any(hashlib.sha256(guess).hexdigest() in (keyed, *told) for guess in guesses())


def test_no_public_file_tells_what_it_was_made_from(town_of_squares: Any) -> None:
    """Neither sizes nor times nor names of inputs; the record of them stays with the owner."""
    about = json.loads((town_of_squares.folder / "release.json").read_text(encoding="utf-8"))
    assert set(about) <= {
        "schema", "municipality", "wave", "sequence", "synthetic", "languages", "program", "policy", "approved",
        "audit", "files", "relations", "certificate",
    }  # fmt: skip
    assert all(b"ung.sav" not in content for content in files(town_of_squares.folder).values())
    assert {type(term[1]) for relation in about["relations"] for term in relation["terms"]} == {int}
    assert {abs(term[1]) for relation in about["relations"] for term in relation["terms"]} == {1}


def test_messages_name_cells_and_never_counts(
    town_of_squares: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a log keeps of a failed audit, of tables that contradict each other, of anything that was looked at."""
    squares = town_of_squares
    folder = Path(shutil.copytree(squares.folder, tmp_path / "reports" / "2026"))
    (folder / "note.txt").write_text(f"{squares.name} 87 %", encoding="utf-8")
    assert "87" not in str(audit_release(folder))

    frame = squares.truth.frame.copy()
    frame.loc[frame["area"].eq(squares.secret), "events"] += 1
    with pytest.raises(DisclosureError) as raised:
        protect([EstimateTable.from_frame(frame, squares.truth.relations)], read_policy(), key=b"red")
    assert not re.search(r"(?<![|\w])[34](?![\w|])", str(raised.value).replace("3 other cells", ""))

    (name,) = [key for key in truth_of([squares.truth]) if f"|{squares.secret}|" in key]
    counts = truth_of([squares.truth])[name]
    unit = gather_units([squares.truth], read_policy())[name]
    assert "3" not in repr(counts)
    assert "events" not in repr(unit)
    monkeypatch.setattr(Counts, "__repr__", tuple.__repr__)
    assert "140, 3" in repr(counts)
