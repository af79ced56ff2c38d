"""Workbooks, PX files and the catalogue record, each read back by a program that is not ours."""

from __future__ import annotations

import io
import itertools
import re
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import rdflib

from mapping.disclosure import Figure, ProtectedRelease, Status
from mapping.publish import Context
from mapping.publish.open_data import px, tables

pyaxis = pytest.importorskip("pyaxis.pyaxis", reason="pip install pyaxis")
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")


@pytest.fixture(scope="module")
def made(whole_release: ProtectedRelease, context: Context) -> dict[str, bytes]:
    return tables(whole_release, context)


def sheets(content: bytes) -> dict[str, pd.DataFrame]:
    return pd.read_excel(
        io.BytesIO(content), sheet_name=None, dtype=str, keep_default_na=False, engine="calamine"
    )


def in_words(value: float | None, decimals: int) -> str:
    return ".." if value is None else f"{value:.{decimals}f}".removesuffix(".0")


def test_a_workbook_holds_every_figure_as_printed(
    made: dict[str, bytes], whole_release: ProtectedRelease
) -> None:
    found = sheets(made["figures.sv.xlsx"])["Siffror"]
    assert len(found) == len(whole_release.figures)
    for row, figure in zip(found.to_dict("records"), whole_release, strict=True):
        assert (row["nyckel"], row["kod"]) == (figure.key, figure.area)
        if figure.status is not Status.SHOWN:
            assert row["andel"] == row["antal ärenden"] == ".."
        elif figure.target != "cases":
            assert row["andel"].removesuffix(".0") == in_words(figure.share, figure.decimals)
            assert row["övre"].removesuffix(".0") == in_words(figure.high, figure.decimals)


def test_no_sheet_is_hidden_and_no_cell_is_empty_or_a_formula(made: dict[str, bytes]) -> None:
    for language in ("sv", "en"):
        book = openpyxl.load_workbook(io.BytesIO(made[f"figures.{language}.xlsx"]))
        for sheet in book.worksheets:
            assert sheet.sheet_state == "visible"
            for cell in itertools.chain.from_iterable(sheet.iter_rows()):
                if sheet is not book.worksheets[0]:
                    assert cell.value not in (None, ""), (sheet.title, cell.coordinate)
                assert cell.data_type != "f"


def test_every_column_of_the_figures_is_explained(made: dict[str, bytes]) -> None:
    for language in ("sv", "en"):
        book = openpyxl.load_workbook(io.BytesIO(made[f"figures.{language}.xlsx"]))
        about, figures = book.worksheets[0], book.worksheets[1]
        said = {row[0].value for row in about.iter_rows()}
        columns = {cell.value for cell in figures[1]}
        assert len(columns - said) == 2, "only the names of measures and places speak for themselves"


def test_the_same_release_gives_the_same_bytes(
    made: dict[str, bytes], whole_release: ProtectedRelease, context: Context
) -> None:
    assert tables(whole_release, context) == made


def read_px(content: bytes, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "read.px"
    path.write_bytes(content)
    return pyaxis.parse(str(path), encoding="utf-8", null_values=r'^"\.\.?"$', sd_values=r"^$")  # type: ignore[no-any-return]


def test_a_px_file_holds_every_share_as_printed(
    made: dict[str, bytes], whole_release: ProtectedRelease, context: Context, tmp_path: Path
) -> None:
    read = read_px(made["shares.en.px"], tmp_path)
    frame, meta = read["DATA"], read["METADATA"]
    code = {
        variable: dict(zip(meta[f"VALUES({variable})"], meta[f"CODES({variable})"], strict=True))
        for variable in frame.columns[:-1]
    }
    found = {
        tuple(code[name][cell] for name, cell in zip(frame.columns[:-1], row[:-1], strict=True)): row[-1]
        for row in frame.itertuples(index=False, name=None)
    }
    measures = {"share", "low", "high"}
    printed = 0
    for figure in whole_release:
        if figure.target == "cases":
            continue
        place = f"{figure.level}:{figure.area}"
        for measure in measures:
            cell = found.pop((figure.indicator, place, figure.group, figure.target, measure, figure.wave))
            value = getattr(figure, measure)
            if value is None:
                assert pd.isna(cell) or cell == ""
            else:
                assert float(cell) == pytest.approx(value, abs=1e-9)
                printed += 1
    assert printed > 50
    assert all(pd.isna(cell) or cell == "" for cell in found.values()), "no number without a figure"


def test_cases_have_a_px_file_of_their_own(made: dict[str, bytes], whole_release: ProtectedRelease) -> None:
    data = made["cases.sv.px"].decode().partition("DATA=")[2]
    shown = sorted(str(f.count) for f in whole_release if f.count is not None)
    assert sorted(re.findall(r"\b\d+\b", data)) == shown


def test_a_line_of_a_px_file_is_never_too_long(made: dict[str, bytes]) -> None:
    for name in ("shares.sv.px", "shares.en.px"):
        head = made[name].decode().partition("DATA=")[0]
        assert max(len(line) for line in head.splitlines()) <= 256
        assert head.count('"') % 2 == 0


def test_places_of_one_name_are_told_apart_in_px() -> None:
    places = {"area:1": ("Norr", "område"), "area:2": ("Norr", "område"), "district:1": ("Norr", "stadsdel")}
    assert list(px._apart(places).values()) == ["Norr (område 1)", "Norr (område 2)", "Norr (stadsdel)"]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # of rdflib, within itself
def test_the_catalogue_record_is_read_as_linked_data(made: dict[str, bytes], context: Context) -> None:
    graph = rdflib.Graph()
    graph.parse(data=made["catalogue.jsonld"].decode(), format="json-ld", publicID="https://example.org/r/")
    (dataset,) = graph.subjects(rdflib.RDF.type, DCAT.Dataset)
    titles = {title.language for title in graph.objects(dataset, rdflib.DCTERMS.title)}
    assert titles == {"sv", "en"}
    (publisher,) = graph.objects(dataset, rdflib.DCTERMS.publisher)
    assert str(graph.value(publisher, rdflib.FOAF.name)) == context.municipality.publisher
    files = {
        str(graph.value(one, DCAT.accessURL)).removeprefix("https://example.org/r/")
        for one in graph.objects(dataset, DCAT.distribution)
    }
    assert files == {name for name in made if name.endswith((".csv", ".xlsx", ".px"))}


def test_withheld_figures_say_nothing_anywhere(
    whole_release: ProtectedRelease, made: dict[str, bytes]
) -> None:
    withheld: list[Figure] = [f for f in whole_release if f.status is Status.WITHHELD]
    assert withheld
    for language, sheet in (("sv", "Siffror"), ("en", "Figures")):
        by_key = sheets(made[f"figures.{language}.xlsx"])[sheet].groupby(
            sheets(made[f"figures.{language}.xlsx"])[sheet].columns[0]
        )
        for figure in withheld:
            for row in by_key.get_group(figure.key).itertuples(index=False):
                assert set(row[11:]) == {".."}
