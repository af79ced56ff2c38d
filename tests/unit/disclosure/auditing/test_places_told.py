"""Numbers beside the names of places: which are nobody's, which are printed, and which give a blank away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mapping.disclosure.auditing.places_told import beside_places
from mapping.disclosure.auditing.written import PrintedCell, Written


def cell(area: str, level: str = "district", wave: str = "2026", **numbers: float) -> PrintedCell:
    key = f"{wave}|S04|{level}|{area}|all"
    status = "shown" if numbers else "withheld"
    base = "100–199" if numbers else ""
    return PrintedCell(key, wave, "S04", level, area, "all", "pupils", status, numbers, 0, base)


PLACES = {
    "Berga": frozenset({"d1"}), "Norra Berga": frozenset({"d2"}), "Dalen": frozenset({"d3", "A1"}),
}  # fmt: skip


@pytest.fixture
def release(tmp_path: Path) -> Written:
    """Berga and Dalen (a district of an area of the same name) are blank, Norra Berga is shown."""
    folder = tmp_path / "2026"
    (folder / "tables").mkdir(parents=True)
    cells = (
        cell("M", "municipality", share=12.0), cell("d1"), cell("d2", share=17.0, low=14.0),
        cell("d3"), cell("A1", "area", share=21.0),
    )  # fmt: skip
    return Written(folder, "2026", 1, {}, cells, (), places=PLACES)


def found(release: Written, *beside: Written, **files: str) -> set[str]:
    """The places given away by files, each written under its name with the ending after the underscore."""
    for name, text in files.items():
        (release.folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    leaks = {key.split("|")[3] for key, _, _ in beside_places(release, beside)}
    for name in files:
        (release.folder / name.replace("_", ".")).unlink()
    return leaks


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Berga: 33 %", {"d1"}),
        ("Norra Berga: 33 %", set()),  # it has no blank; the audit of figures.csv is another
        ("In Norra Berga 17 %, in Berga 33 %", set()),  # two places: nobody's for certain
        ("Norra Berga. Berga 33 %", {"d1"}),
        ("Bergavik: 33 %", set()),
        ("Berga: 12 %", set()),  # the municipality's
        ("Berga: 17 %", {"d1"}),
        ("Dalen: 21 %", set()),  # the area's
        ("Dalen: 22 %", {"A1", "d3"}),
        ("Berga has 33 houses", set()),
        ("Berga: 33 elever", {"d1"}),
        ("Berga: 12–33 procent", {"d1"}),
        ("Berga: 33,5 %", {"d1"}),
    ],
)
def test_a_share_in_a_sentence_belongs_to_the_one_place_that_it_names(
    release: Written, text: str, places: set[str]
) -> None:
    leaks = found(release, a_html=f"<p>{text}</p>")
    assert leaks <= places
    assert bool(leaks) is bool(places)
    assert bool(found(release, a_txt=text)) is bool(places)


@pytest.mark.parametrize(
    ("row", "places"),
    [
        ("Berga;33", {"d1"}), ("d1;33", {"d1"}), ("Berga;d1;33", {"d1"}), ("'d1;33", {"d1"}), ("d1; 33 %", {"d1"}),
        ("Berga;12", set()), ("Berga;2026", set()), ("Berga;100–199", set()), ("Norra Berga;33", set()),
        ("Berga;d2;33", set()), ("d1;d2;33", set()), ("Berga;text 33", set()), ("d3;21", {"d3"}),
        ("Dalen;21", set()), ("Dalen;A1;21", set()), ("Dalen;A1;22", {"d3"}), ("Berga;till 33", set()),
        ("Berga;12 till 33", {"d1"}), ("Berga;≤33", {"d1"}),
        ("2026|S04|district|d1|all;33", {"d1"}), ("'2026|S04|district|d1|all;33", {"d1"}),
        ("2026|S04|district|d2|all;Berga;33", set()),
    ],
)  # fmt: skip
def test_a_number_in_a_row_belongs_to_the_one_place_or_key_that_stands_there(
    release: Written, row: str, places: set[str]
) -> None:
    assert found(release, a_csv=f"a;b\n{row}\n") == places


def test_numbers_that_another_wave_prints_of_a_place_may_stand_beside_it(release: Written) -> None:
    other = replace(release, wave="2024", cells=(cell("d1", wave="2024", share=33.0),))
    assert found(release, a_csv="Berga;33\n") == {"d1"}
    assert found(release, other, a_csv="Berga;33\n") == set()


def test_classes_stand_beside_places_in_the_files_that_hold_them_alone(release: Written) -> None:
    for name in ("areas", "model"):
        path = release.folder / "tables" / f"{name}.csv"
        path.write_text("area,name,class,share,low,high\nd1,Berga,3,,,\n", encoding="utf-8")
        assert found(release) == set()
        path.write_text("area,name,class,share,low,high\nd1,Berga,5,,,\n", encoding="utf-8")
        assert found(release) == {"d1"}
        path.unlink()
    assert found(release, a_csv="Berga;3\n") == {"d1"}


def test_what_the_public_model_says_of_a_place_may_stand_beside_it(release: Written) -> None:
    head = "area,share,low,high"
    (release.folder / "tables" / "model.csv").write_text(f"{head}\nd1,31,,\n'd2,35,30,40\n", encoding="utf-8")
    assert found(release, a_csv="Berga;31\n") == set()
    for number in ("35", "30", "40"):
        assert found(release, a_csv=f"Berga;{number}\n") == {"d1"}
    (release.folder / "tables" / "model.csv").write_text(f"{head}\n'd1,35,30,40\n", encoding="utf-8")
    assert found(release, a_csv="Berga;35;30;40\n") == set()


def test_where_nothing_is_withheld_nothing_is_looked_for(release: Written) -> None:
    assert found(replace(release, cells=release.cells[:1]), a_csv="Berga;33\n") == set()


def test_a_sheet_of_places_may_tell_their_classes_as_areas_csv_does(release: Written) -> None:
    workbook = pytest.importorskip("openpyxl").Workbook()
    workbook.active.append(["Area", "A1", "Dalen", "Municipality", "M", "3"])
    (release.folder / "tables" / "areas.csv").write_text(
        "level,area,name,parent_level,parent,class\narea,A1,Dalen,municipality,M,3\n", encoding="utf-8"
    )
    workbook.save(release.folder / "figures.xlsx")
    assert found(release) == set()

    workbook.active.append(["Area", "A1", "Dalen", "3"])  # without what it is part of, it may be a count
    workbook.save(release.folder / "figures.xlsx")
    assert found(release) <= {"A1", "d3"}
    assert found(release)
