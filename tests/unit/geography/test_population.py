"""Register pupils: columns, labels, numbers, codes that fit nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.errors import InputError
from mapping.geography import read_districts

LINES = """file = "d.gpkg"
code = "kod"
[population]
file = "p.csv"
columns = { code = "sdkod", sex = "kon", grade = "ak", n = "antal" }
"""


@pytest.fixture
def with_table(sidecar, grid):
    """Write a table of pupils beside three districts; the districts, once read."""

    def write(text: str | bytes, lines: str = LINES):
        path: Path = sidecar(lines)
        grid(["a", "b", "c"]).to_file(path.parent / "d.gpkg")
        content = text if isinstance(text, bytes) else text.encode("utf-8-sig")
        (path.parent / "p.csv").write_bytes(content)
        return read_districts(path)

    return write


def rows(districts) -> list[tuple[str, str, str, int]]:
    return list(districts.population.itertuples(index=False, name=None))


def test_sex_and_grade_are_read_in_the_words_of_a_register(with_table):
    districts = with_table(
        "sdkod;kon;ak;antal\na;Flickor;Åk 9;12\na;Män;Gy 2;1 013\nb;F;9;0\nc;pojke;9;3,0\n"
    )
    assert rows(districts) == [
        ("a", "boy", "gy2", 1013),
        ("a", "girl", "9", 12),
        ("b", "girl", "9", 0),
        ("c", "boy", "9", 3),
    ]
    assert districts.notes == ()


def test_comma_tab_and_cp1252_are_read(with_table):
    latin = "sdkod\tkon\tak\tantal\na\tMän\tÅrskurs 9\t5\nb\tMän\t9\t1\nc\tMän\t9\t1\n".encode("cp1252")
    assert rows(with_table(latin))[0] == ("a", "boy", "9", 5)
    assert rows(with_table("sdkod,kon,ak,antal\na,F,9,5\nb,F,9,1\nc,F,9,1\n"))[0] == ("a", "girl", "9", 5)


def test_labels_of_ones_own_can_be_added(with_table):
    lines = LINES + 'labels = { sex = { girl = "1", boy = "2" }, grade = { "9" = ["nia"] } }\n'
    districts = with_table("sdkod;kon;ak;antal\na;1;nia;5\nb;2;nia;6\nc;2;nia;6\n", lines)
    assert rows(districts)[:2] == [("a", "girl", "9", 5), ("b", "boy", "9", 6)]


def test_a_sex_that_is_none_of_the_survey_is_told(with_table):
    districts = with_table("sdkod;kon;ak;antal\na;F;9;5\na;Uppgift saknas;9;2\nb;M;9;6\nc;M;9;6\n")
    assert districts.notes == (
        "p.csv, column 'kon': Uppgift saknas is no sex of the survey, so those pupils weigh for nobody. "
        "Name it under geography.toml [population.labels.sex].",
    )


def test_a_table_without_sex_and_grade_counts_all(with_table):
    lines = LINES.replace('sex = "kon", grade = "ak", ', "")
    assert rows(with_table("sdkod;antal\na;5\nb;6\nc;7\n", lines))[0] == ("a", "all", "all", 5)


def test_codes_that_are_no_district_are_left_out_and_told(with_table):
    districts = with_table("sdkod;kon;ak;antal\na;F;9;5\nx;F;9;6\ny;F;9;6\nb;F;9;6\n")
    assert districts.population["code"].tolist() == ["a", "b"]
    assert districts.notes == (
        "p.csv: 2 rows with codes that are no district left out (x, y).",
        "p.csv: no register pupils for 1 districts (c).",
    )


def test_a_table_for_another_place_is_refused(with_table):
    with pytest.raises(InputError, match=r"p\.csv, column 'sdkod': no code is a district"):
        with_table("sdkod;kon;ak;antal\nx;F;9;6\n")


@pytest.mark.parametrize("bad", ["", "..", "-3", "2.5", "många"])
def test_what_is_no_number_of_pupils_is_refused_by_row_and_column(with_table, bad):
    with pytest.raises(InputError, match=r"p\.csv, row 2, column 'antal'"):
        with_table(f"sdkod;kon;ak;antal\na;F;9;5\nb;F;9;{bad}\n")


def test_the_same_cell_twice_is_refused_with_both_rows(with_table):
    with pytest.raises(InputError, match="rows 1 and 3"):
        with_table("sdkod;kon;ak;antal\na;F;9;5\nb;F;9;5\na;Flicka;9;7\n")


def test_a_missing_column_is_named(with_table):
    with pytest.raises(InputError, match=r"'n' .* is the column 'antal'.*Nearest names in the file: antl"):
        with_table("sdkod;kon;ak;antl\na;F;9;5\n")


def test_a_short_row_is_refused(with_table):
    with pytest.raises(InputError, match="row 2: fewer cells"):
        with_table("sdkod;kon;ak;antal\na;F;9;5\nb;F\n")


def test_a_damaged_file_is_refused(with_table):
    with pytest.raises(InputError, match="NUL bytes"):
        with_table(b"sdkod;kon;ak;antal\na;F;9;5\0\n")


def test_a_missing_table_is_named(sidecar, grid):
    path = sidecar(LINES)
    grid(["a"]).to_file(path.parent / "d.gpkg")
    with pytest.raises(InputError, match=r"p\.csv: there is no such file"):
        read_districts(path)
