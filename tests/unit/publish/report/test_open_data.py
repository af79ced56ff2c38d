"""Open data: every printed figure, a status where there is none, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pandas as pd
import pytest

from mapping.disclosure import ProtectedRelease, Status
from mapping.errors import SealError
from mapping.publish import Context
from mapping.publish.open_data import FIGURE_COLUMNS, neutral, tables


@pytest.fixture(scope="module")
def made(whole_release: ProtectedRelease, context: Context) -> dict[str, bytes]:
    return tables(whole_release, context)


def rows(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))


def test_only_what_the_gate_made_can_be_written(context: Context) -> None:
    with pytest.raises(SealError):
        tables(object(), context)  # type: ignore[arg-type]


def test_every_figure_can_be_read_back(made: dict[str, bytes], whole_release: ProtectedRelease) -> None:
    found = pd.read_csv(io.BytesIO(made["figures.csv"]), dtype={"area": str, "base": str})
    assert tuple(found.columns) == FIGURE_COLUMNS
    assert len(found) == len(whole_release.figures)
    for row, figure in zip(found.to_dict("records"), whole_release, strict=True):
        assert (row["key"], row["target"], row["status"]) == (figure.key, figure.target, figure.status.value)
        for name in ("share", "low", "high", "count"):
            expected = getattr(figure, name)
            assert pd.isna(row[name]) if expected is None else row[name] == pytest.approx(expected, abs=1e-9)


def test_a_withheld_figure_has_a_status_and_no_number(made: dict[str, bytes]) -> None:
    withheld = [row for row in rows(made["figures.csv"]) if row["status"] == "withheld"]
    assert withheld
    for row in withheld:
        told = {name for name, value in row.items() if value != "NA"}
        assert told == {"key", "wave", "indicator", "level", "area", "group", "target", "status"}


def test_a_question_not_asked_is_a_row_of_its_own(made: dict[str, bytes]) -> None:
    found = [row for row in rows(made["figures.csv"]) if row["status"] == "not_asked"]
    assert [(row["indicator"], row["share"]) for row in found] == [("S25", "NA")]


def test_the_swedish_file_is_what_excel_expects(made: dict[str, bytes]) -> None:
    content = made["figures.sv.csv"]
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n")
    found = rows(content, ";")
    whole = next(
        row for row in found if row["nyckel"] == "2026|S04|municipality|0199|all" and row["avser"] == "elever"
    )
    assert (whole["namn"], whole["nivå"], whole["grupp"]) == ("Exempelköping", "Kommunen", "Alla")
    assert whole["måttets namn"] == "Begränsat val av partner"
    assert whole["andel"] == "14,0"
    assert {row["status"] for row in found} >= {"redovisas", "redovisas inte", "ställdes inte"}


def test_both_flavours_hold_the_same_numbers(made: dict[str, bytes]) -> None:
    plain, swedish = rows(made["figures.csv"]), rows(made["figures.sv.csv"], ";")
    for one, other in (("share", "andel"), ("high", "övre")):
        assert [row[one] for row in plain] == [
            "NA" if row[other] in ("..", ".") else row[other].replace(",", ".") for row in swedish
        ]


def test_every_district_and_area_has_a_name_and_a_place_above(made: dict[str, bytes]) -> None:
    found = rows(made["areas.csv"])
    assert {row["level"] for row in found} == {"municipality", "area", "district"}
    known = {(row["level"], row["area"]) for row in found}
    assert all(row["name"] and row["name_en"] for row in found)
    assert all(
        (row["parent_level"], row["parent"]) in known for row in found if row["level"] != "municipality"
    )


def test_changes_and_model_are_the_release_s_own(
    made: dict[str, bytes], whole_release: ProtectedRelease
) -> None:
    changes, model = rows(made["changes.csv"]), rows(made["model.csv"])
    assert [(row["indicator"], row["verdict"]) for row in changes] == [
        (c.indicator, c.verdict) for c in whole_release.changes
    ]
    assert next(row["share_earlier"] for row in changes if row["verdict"] == "break") == "NA"
    assert [(row["area"], row["exceedance"]) for row in model] == [
        (m.area, str(m.exceedance)) for m in whole_release.model
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_looks_like_a_formula_is_made_text(start: str) -> None:
    assert neutral(f"{start}cmd|'/c calc'!A1").startswith("'")


def test_a_name_from_a_file_cannot_run_in_a_spreadsheet(
    whole_release: ProtectedRelease, context: Context
) -> None:
    assert context.districts is not None
    frame = context.districts.frame.assign(name=["=HYPERLINK(1)", *context.districts.frame["name"][1:]])
    harmful = replace(context, districts=replace(context.districts, frame=frame))
    for name, content in tables(whole_release, harmful).items():
        if name.endswith(".csv"):
            delimiter = ";" if ".sv." in name else ","
            cells = [
                cell
                for row in csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter)
                for cell in row
            ]
            assert not any(cell.startswith(("=", "+", "@")) for cell in cells), name


def test_the_metadata_describes_every_column_in_both_languages(made: dict[str, bytes]) -> None:
    described = json.loads(made["figures.csv-metadata.json"])
    columns = described["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == list(FIGURE_COLUMNS)
    assert all(column["dc:description"]["sv"] and column["dc:description"]["en"] for column in columns)
    keys = [
        tuple(row[name] for name in described["tableSchema"]["primaryKey"])
        for row in rows(made["figures.csv"])
    ]
    assert len(keys) == len(set(keys))


def test_no_file_tells_of_a_withheld_count(made: dict[str, bytes], whole_release: ProtectedRelease) -> None:
    withheld = {f.key for f in whole_release if f.status is Status.WITHHELD}
    for row in rows(made["figures.sv.csv"], ";"):
        if row["nyckel"] in withheld:
            told = {row[name] for name in ("andel", "antal ärenden", "antal svar, klass", "vet inte")}
            assert told == {".."}


def test_no_cell_is_empty(made: dict[str, bytes]) -> None:
    for name, content in made.items():
        if name.endswith(".csv"):
            for row in rows(content, ";" if ".sv." in name else ","):
                assert all(row.values()), (name, row)


def test_areas_of_classes_that_no_measure_has_are_not_listed(
    context: Context, made: dict[str, bytes]
) -> None:
    used = {str(context.indicators[id_].sensitivity) for id_ in context.publication.indicators}
    assert {row["class"] for row in rows(made["areas.csv"])} == used | {"NA"}
