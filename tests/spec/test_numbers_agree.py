"""Every number in every file of a release is the one the gate let through, and a withheld one is in none of them.

What the gate let through is taken from the ledger, which is written from the sealed release itself. Each file is read
back as a stranger would read it. The audit looks for what stands beside a name; here all figures are counted off.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pikepdf
import pypdf
import pytest
from PIL import Image

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.slow]

KINDS = (".html", ".pdf", ".svg", ".png", ".csv", ".xlsx", ".docx", ".px", ".json", ".jsonld")
WAVES, LANGUAGES = ("2024", "2026"), ("sv", "en")
Numbers = dict[str, float]
Cells = dict[tuple[str, str], Numbers]  # by key and target: the numbers there are
MEASURES = ("share", "low", "high")
TARGETS = {
    "pupils": "pupils", "elever": "pupils", "risk": "risk", "cases": "cases", "ärenden": "cases",
    "platsens risk": "risk", "the place's risk": "risk",
}  # fmt: skip


@pytest.fixture(params=WAVES)
def folder(request: pytest.FixtureRequest, city: tuple[Path, Any]) -> Path:
    """The release of a wave."""
    return city[0] / "reports" / request.param


@cache
def printed(folder: Path) -> Cells:
    """The numbers of every cell as the gate let them through; none for a withheld one."""
    lines = (folder.parent / "ledger" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    (entry,) = [entry for entry in entries if entry["wave"] == folder.name]
    found: Cells = {}
    for name, told in entry["figures"].items():
        key, _, target = name.rpartition(" ")
        found[key, target] = {m: told[m] for m in (*MEASURES, "count") if told.get(m) is not None}
        assert told["status"] in ("shown", "none_known") or not found[key, target]
    return found


def number(text: object) -> float:
    return float(str(text).replace("\u202f", "").replace("−", "-").replace(",", "."))


def plain_csv(path: Path) -> Cells:
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["key"], row["target"]): {m: number(row[m]) for m in (*MEASURES, "count") if row[m] != "NA"}
            for row in csv.DictReader(file)
        }


def worded(rows: list[list[Any]]) -> Cells:
    """A table for people: the key first, then whom it is about, then the numbers in a fixed order."""
    head, found = [str(cell).casefold() for cell in rows[0]], {}
    at = next(i for i, name in enumerate(head) if name in ("andel", "share"))
    status = at - 1
    for row in rows[1:]:
        cells = dict(zip((*MEASURES, "decimals", "base", "count"), row[at:], strict=False))
        numbers = {
            m: number(v) for m, v in cells.items() if m in (*MEASURES, "count") and str(v) not in (".", "..")
        }
        found[str(row[0]), TARGETS[str(row[status - 1]).casefold()]] = numbers
    return found


def swedish_csv(path: Path) -> Cells:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return worded(list(csv.reader(file, delimiter=";")))


def workbook(path: Path) -> Cells:
    book = openpyxl.load_workbook(path)
    sheets = [[[c.value for c in row] for row in sheet.iter_rows()] for sheet in book.worksheets]
    (rows,) = [
        sheet[start:]
        for sheet in sheets
        for start, row in enumerate(sheet)
        if {"andel", "share"} & {str(c).casefold() for c in row} and "|" in str(sheet[start + 1][0])
    ]
    return worded([row for row in rows if row[0]])


def px(path: Path) -> Cells:
    """A cube: a number for every crossing of the codes, the last dimension running fastest."""
    head, _, data = path.read_text(encoding="utf-8").partition("DATA=")
    codes = [re.findall(r'"([^"]*)"', found) for found in re.findall(r"CODES\([^)]*\)=([^;]*);", head)]
    found: Cells = {}
    for chosen, token in zip(itertools.product(*codes), re.findall(r'"[^"]*"|[^\s;]+', data), strict=True):
        indicator, place, group, *target, measure, wave = chosen
        key = "|".join((wave, indicator, *place.split(":"), group)), (target or ["cases"])[0]
        cell, told = found.setdefault(key, {}), token.strip('"')
        if set(told) != {"."}:
            cell[measure] = number(told)
    return found


def page(path: Path) -> Cells:
    """The data behind the interactive page."""
    html = path.read_text(encoding="utf-8")
    data = json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1]
    )
    found, whole = {}, data["whole"]
    for i, key in enumerate(whole["key"]):
        found[key, "pupils"] = {m: whole[m][i] for m in MEASURES if whole.get(m, {i: None})[i] is not None}
    for choice in whole["choice"]:
        if choice not in data["division"]:
            continue
        places = data["places"][data["division"][choice]]
        key = next(k for k, c in zip(whole["key"], whole["choice"], strict=True) if c == choice).split("|")
        for i, (code, state) in enumerate(zip(places["code"], places[choice], strict=True)):
            columns = {m: places.get(f"{choice} {m}") for m in MEASURES}
            numbers = {m: column[i] for m, column in columns.items() if column and column[i] is not None}
            assert bool(numbers) == (state in "suSUkK"), (choice, code)
            found["|".join((*key[:2], places["level"], code, key[4])), "pupils"] = numbers
    return found


READERS: Mapping[str, tuple[Callable[[Path], Cells], str]] = {
    "tables/figures.csv": (plain_csv, "all"),
    "tables/figures.sv.csv": (swedish_csv, "all"),
    **{f"tables/figures.{language}.xlsx": (workbook, "all") for language in LANGUAGES},
    **{f"tables/shares.{language}.px": (px, "shares") for language in LANGUAGES},
    **{f"tables/cases.{language}.px": (px, "cases") for language in LANGUAGES},
    **{f"map.{language}.html": (page, "some") for language in LANGUAGES},
}


@pytest.mark.parametrize("name", READERS)
def test_a_file_of_data_holds_the_figures_of_the_gate(folder: Path, name: str) -> None:
    """Number for number; a cell that is withheld has none; and no cell is missing where the file has all of them."""
    read, kind = READERS[name]
    found, wanted = read(folder / name), printed(folder)
    own = [key for key in wanted if kind in ("all", "some") or (key[1] == "cases") == (kind == "cases")]
    if kind != "some":
        assert set(own) <= set(found)
    assert sum(bool(numbers) for numbers in found.values()) > (10 if kind == "cases" else 100)
    measures = {measure for numbers in found.values() for measure in numbers}
    assert measures <= {*MEASURES, "count"}
    for key, numbers in found.items():
        wave = key[0].split("|")[0]  # the page shows also what an earlier wave printed
        of = wanted if key in wanted or kind != "some" else printed(folder.with_name(wave))
        expected = {m: v for m, v in of.get(key, {}).items() if m in measures}
        assert numbers == pytest.approx(expected, abs=1e-9), key


# what people read: tables of the report, labels and words of pictures, documents

LEVELS = {"område": "area", "stadsdel": "district", "area": "area", "district": "district"}
GROUPS = {"flickor": "girl", "pojkar": "boy", "alla": "all", "girls": "girl", "boys": "boy", "all": "all"}
PRINTED = re.compile(r"(\d[\d.,]*)(?: ?%)?(?: \((\d[\d.,]*)–(\d[\d.,]*)\))?")
DRAWN = re.compile(  # what only draws
    r"""<style.*?</style>|\s(?:d|points|transform|viewBox|style|[xyr]|[xy][12]|width|height|font-size|stroke-width)="[^"]*\"""",
    re.DOTALL,
)
SILENT = {"sv": "Redovisas inte", "en": "Not shown"}


@cache
def names(folder: Path, language: str) -> dict[tuple[str, str], str]:
    """Codes by level and name, and ids of measures by name, as the workbook of a language writes them."""
    found: dict[tuple[str, str], str] = {}
    with (folder / "tables" / "areas.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["level"], f"{row['name']}|{row['class']}"] = row["area"]
    html = (folder / f"map.{language}.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])
    for places in data["places"]:  # an area of several districts is called otherwise in each language
        pairs = zip(places["name"], places["code"], strict=True)
        found |= {(places["level"], f"{name}|{code}"): code for name, code in pairs}
    return found | {("measure", measure["name"]): measure["id"] for measure in data["measures"]}


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def tables(folder: Path, language: str) -> Iterator[list[list[str]]]:
    html = (folder / f"report.{language}.html").read_text(encoding="utf-8")
    for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
        rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
        yield [[text_of(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def told_in(cell: str) -> Numbers:
    found = PRINTED.match(cell)
    told = zip(MEASURES, found.groups() if found else (), strict=False)
    return {measure: number(text) for measure, text in told if text}


def place_key(folder: Path, language: str, level: str, name: str, measure: str) -> str:
    """The key of a place's cell: the areas are those of the measure's own class."""
    codes = {
        c
        for (kind, known), c in names(folder, language).items()
        if (kind, known.split("|")[0]) == (level, name)
    }
    keys = [
        f"{folder.name}|{names(folder, language)['measure', measure]}|{level}|{code}|all" for code in codes
    ]
    (key,) = [key for key in keys if (key, "pupils") in printed(folder)]
    return key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_of_the_report_hold_the_figures_of_the_gate(folder: Path, language: str) -> None:
    """HTML cell for cell; and each of its rows stands in the PDF with the same words and numbers."""
    pdf = squeezed("".join(leaves(folder / f"report.{language}.pdf")))
    seen = 0
    for head, *rows in tables(folder, language):
        columns = [column.casefold() for column in head]
        for row in rows:
            assert squeezed("".join(row)) in pdf, row
            for column, cell in zip(columns[1:], row[1:], strict=True):
                if columns[0] in LEVELS:
                    name = head[columns.index(column)]
                    key = place_key(folder, language, LEVELS[columns[0]], row[0], name)
                elif column in GROUPS and ("measure", row[0]) in names(folder, language):
                    id_ = names(folder, language)["measure", row[0]]
                    key = f"{folder.name}|{id_}|municipality|0198|{GROUPS[column]}"
                else:
                    continue
                expected = {
                    m: v for m, v in printed(folder).get((key, "pupils"), {}).items() if m in MEASURES
                }
                assert told_in(cell) == expected, (key, cell)
                assert expected or cell == SILENT[language] or "|all" not in key, (key, cell)
                seen += 1
    assert seen > 100


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f\u00ad\u2060-]+", "", text)


def numbers_in(text: str) -> set[str]:
    """Numbers as they are written, without the space between thousands."""
    text = re.sub(r"(?<=\d)[\u202f\u00a0](?=\d{3})|(?<=\d),(?=\d{3}\b)", "", unescape(text))
    return set(re.findall(r"(?<![\w.])\d+(?:[.,]\d+)?", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_and_documents_hold_no_number_that_the_page_does_not(folder: Path, language: str) -> None:
    """All are made from one content; what is more in the PDF are the numbers of its pages."""
    page = numbers_in(spoken(folder / f"report.{language}.html")) | numbers_in(
        "".join(spoken(path) for path in folder.glob(f"maps/*{language}.svg"))
    )
    sheets = leaves(folder / f"report.{language}.pdf")
    pdf = numbers_in(re.sub(r"\u00ad\n|-\n", "", "\n".join(sheets)))
    assert pdf - page <= {str(n) for n in range(1, len(sheets) + 1)}
    documents = sorted(folder.glob(f"documents/*.{language}.docx"))
    assert len(documents) == 4 or folder.name == "2024"
    for path in documents:
        assert numbers_in(spoken(path)) <= page, path.name


def test_pictures_hold_the_figures_of_the_gate(folder: Path) -> None:
    """Labels beside names, numbers with a per cent sign, and the same words in SVG and PNG."""
    drawings = sorted(folder.glob("maps/*.svg"))
    assert len(drawings) > 20
    counted = 0
    for path in drawings:
        svg = path.read_text(encoding="utf-8")
        title, alt = (
            unescape(re.search(rf"<{tag} [^>]*>(.*?)</{tag}>", svg, re.DOTALL)[1])
            for tag in ("title", "desc")
        )
        with Image.open(path.with_suffix(".png")) as pixels:
            assert {squeezed(title), squeezed(alt)} <= {squeezed(str(text)) for text in pixels.info.values()}
        ids, waves = re.findall(r"[SK]\d+", path.stem), re.findall(r"\d{4}", path.stem)
        own = {
            round(value, 1)
            for wave in waves
            for (key, target), told in printed(folder.with_name(wave)).items()
            if not ids or key.split("|")[1] in ids
            for value in told.values()
        }
        own |= {float(round(value)) for value in own}
        # the axis of a chart of dots is in per cent too
        labelled = f"{title} {alt}" if path.stem.startswith("dots") else spoken(path)
        for text in re.findall(r"(\d+(?:[.,]\d)?)[\s\u202f\u00a0]?%", labelled):
            assert number(text) in own, (path.name, text)
        if path.stem.startswith("places"):
            counted += labels_agree(folder, path, svg)
    assert counted > 30


def labels_agree(folder: Path, path: Path, svg: str) -> int:
    """Labels on one line: the name of a place, and beside it what is printed of it."""
    language, lines = path.stem[-2:], {}
    for y, text in re.findall(r'<text [^>]*y="(\d+)"[^>]*>([^<]*)</text>', svg):
        lines.setdefault(y, []).append(unescape(text).replace("\u202f", " ").replace("\u00a0", " "))
    id_, level = path.stem.split("-")[1], path.stem.split("-")[3]
    known = {k[1].split("|")[0] for k in names(folder, language) if k[0] == level}
    measure = next(k[1] for k, v in names(folder, language).items() if k[0] == "measure" and v == id_)
    seen = 0
    for line in lines.values():
        if line[0] in known and len(line) == 2:
            key = place_key(folder, language, level, line[0], measure)
            expected = {m: v for m, v in printed(folder)[key, "pupils"].items() if m in MEASURES}
            assert told_in(line[1]) == expected, (path.name, line)
            seen += 1
    return seen


# what is withheld


@cache
def leaves(path: Path) -> list[str]:
    return [leaf.extract_text() for leaf in pypdf.PdfReader(path).pages]


@cache
def spoken(path: Path) -> str:
    """All words of a file, seen or not: text, attributes, alternative texts, metadata, parts of an office file."""
    if path.suffix in (".xlsx", ".docx"):
        with zipfile.ZipFile(path) as parts:
            inside = [n for n in parts.namelist() if n.endswith((".xml", ".rels"))]
            kept = [n for n in inside if not re.search(r"theme|styles|settings|fontTable|numbering", n)]
            xml = " ".join(parts.read(name).decode("utf-8") for name in kept)
        if path.suffix == ".docx":
            words = re.findall(r"<w:t[ >][^<]*|<w:t>[^<]*|descr=\"[^\"]*\"|<dc:[^<]*", xml)
            return " ".join(re.sub(r"^<[^>]*>", " ", word) for word in words)
        return xml
    if path.suffix == ".pdf":
        with pikepdf.open(path) as pdf:
            alts = [str(o.Alt) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]
            about = pdf.Root.Metadata.read_bytes().decode("utf-8")
        return " ".join([*leaves(path), *alts, about])
    if path.suffix == ".png":
        with Image.open(path) as pixels:
            return " ".join(str(value) for value in pixels.info.values())
    text = path.read_text(encoding="utf-8-sig")
    return DRAWN.sub(" ", text) if path.suffix in (".svg", ".html") else text


def cut(text: str, decimals: int) -> str:
    whole, _, part = text.replace(",", ".").partition(".")
    return f"{int(whole or 0)}.{part[:decimals]}"


@pytest.mark.parametrize("kind", KINDS)
def test_no_exact_value_of_a_withheld_cell_stands_anywhere(folder: Path, kind: str) -> None:
    """Share, error and limits of withheld cells, to five digits, as a share or in per cent, with point or comma."""
    private = pd.read_parquet(folder.parents[1] / "data" / "processed" / folder.name / "estimates.parquet")
    silent = {key for key, told in printed(folder).items() if not told}
    hidden = [place in silent for place in zip(private["key"], private["target"], strict=True)]
    values = private.loc[hidden, ["estimate", "se", "ci_low", "ci_high", "deff"]].to_numpy(float).ravel()
    odd = [value for value in values if 0 < value < 100 and abs(value - round(value, 3)) > 1e-6]
    exact = {cut(f"{value:.12f}", 5) for value in odd} | {cut(f"{100 * value:.12f}", 4) for value in odd}
    assert len(exact) > 500
    for path in sorted(folder.rglob(f"*{kind}")):
        long = re.findall(r"(?<![\w.,])\d*[.,]\d{4,}", spoken(path))
        assert not exact & {cut(text, decimals) for text in long for decimals in (4, 5)}, path.name


def test_nothing_is_hidden_in_a_workbook_or_a_document(folder: Path) -> None:
    """No hidden sheet, row or column, no note, no name, no link, no formula; no note or change in a document."""
    for path in sorted(folder.glob("tables/*.xlsx")):
        book = openpyxl.load_workbook(path)
        assert not book.defined_names
        for sheet in book.worksheets:
            assert sheet.sheet_state == "visible"
            assert not any(
                d.hidden for d in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values())
            )
            cells = [cell for row in sheet.iter_rows() for cell in row]
            assert not any(cell.comment or cell.data_type == "f" for cell in cells)
    for path in (*folder.rglob("*.xlsx"), *folder.rglob("*.docx")):
        with zipfile.ZipFile(path) as parts:
            assert not [
                n
                for n in parts.namelist()
                if re.search(r"comment|external|embed|docProps/custom|vba|people", n, re.I)
            ]
            inside = b"".join(parts.read(name) for name in parts.namelist() if name.endswith(".xml"))
        assert not re.search(rb"<w:(?:ins|del|vanish|comment\w*)[ />]", inside), path.name
