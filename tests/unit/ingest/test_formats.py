"""The small files with reader traps: each is read with its labels, and what it declares missing is no answer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from mapping.errors import PrivacyError
from mapping.ingest.answers import Labels, explain
from mapping.ingest.raw import RawTable
from mapping.ingest.readers import read_table
from mapping.ingest.statistical import open_statistical

SILENT = {"unsure": Labels.of([]), "declined": Labels.of(["Refused"]), "skipped": Labels.of([])}
# what it is, how many rows and columns, and labels of one column
FILES = {
    "haven_hadley.sas7bdat": ("sas7bdat", 8, 7, "", {}),
    "haven_labelled-num-na.sav": ("sav", 2, 1, "VAR00002", {1.0: "This is one"}),
    "haven_labelled-str.sav": ("sav", 2, 1, "gender", {"F": "Female", "M": "Male"}),
    "haven_tagged-na-double.dta": ("dta", 8, 1, "x", {"a": "apple", "z": ".zebra"}),
    "haven_umlauts.sav": ("sav", 4, 1, "var1", {1.0: "the ä umlaut", 2.0: "the ü umlaut", 3.0: "the ö umlaut"}),
    "pyreadstat_dates_xpt_v8.xpt": ("xpt", 19, 9, "", {}),
    "pyreadstat_missing_test.sav": ("sav", 2, 1, "var1", {1.0: "missing"}),
    "pyreadstat_ordered_category.sav": ("sav", 4, 1, "Col1", {1.0: "high", 2.0: "low", 3.0: "medium"}),
    "pyreadstat_sample.por": ("por", 5, 7, "MYORD", {1.0: "low", 2.0: "medium", 3.0: "high"}),
    "pyreadstat_sample.zsav": ("sav", 5, 7, "mylabl", {1.0: "Male", 2.0: "Female"}),
    "pyreadstat_sample_missing.sav": ("sav", 7, 7, "mylabl", {-1.0: "undetermined", 1.0: "Male", 2.0: "Female"}),
    "pyreadstat_simple_alltypes.sav": ("sav", 6, 12, "x", {1.0: "red", 2.0: "green", 3.0: "blue"}),
}  # fmt: skip


def read(shared: Path, name: str, *wanted: str) -> RawTable:
    return read_table(shared / "data" / "formats" / name, wanted)


def explained(table: RawTable, column: str, **meanings: str | float) -> list[str]:
    """What each row of a column means, each answer having one label or code."""
    means = {answer: Labels.of([label]) for answer, label in meanings.items()}
    return explain(table, column, table.frame[column], means, SILENT, "[items.n]").tolist()


def test_every_file_of_the_folder_is_known(shared: Path) -> None:
    assert {path.name for path in (shared / "data" / "formats").iterdir()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_each_file_says_its_type_and_keeps_rows_columns_and_labels(shared: Path, name: str) -> None:
    kind, rows, columns, labelled, labels = FILES[name]

    table = read(shared, name)

    assert (table.kind, table.n_rows, table.n_columns) == (kind, rows, columns)
    assert table.labels.get(labelled, {}) == labels


def test_letters_outside_ascii_are_whole_in_labels_and_titles(shared: Path) -> None:
    table = read(shared, "haven_umlauts.sav")

    assert table.titles == {"var1": "This is an ä-umlaut"}
    answers = explained(table, "var1", a="The Ä umlaut", u="the ü umlaut", o="the o\u0308 umlaut")
    assert answers == ["a", "u", "a", "o"]


def test_a_discrete_value_declared_missing_is_skipped(shared: Path) -> None:
    assert explained(read(shared, "haven_labelled-num-na.sav"), "VAR00002", one="This is one") == [
        "one",
        "skipped",
    ]


def test_a_missing_value_with_a_label_of_its_own_is_skipped_too(shared: Path) -> None:
    assert explained(read(shared, "pyreadstat_missing_test.sav"), "var1", two=2) == ["skipped", "two"]


def test_a_range_and_a_value_declared_missing_are_skipped(shared: Path) -> None:
    table = read(shared, "pyreadstat_sample_missing.sav")
    codes = {
        "a": 1.1,
        "b": 1.2,
        "c": -1000.3,
        "d": -1.4,
        "e": 1000.3,
    }  # then -1 (a value), 2500 (in 2000 to 3000)

    assert table.missing["mynum"] == ((2000.0, 3000.0), (-1.0, -1.0))
    assert explained(table, "mynum", **codes) == [*"abcde", "skipped", "skipped"]
    assert explained(table, "myord", low="low", mid="medium", high="high")[-3:] == [
        "low",
        "skipped",
        "skipped",
    ]
    assert explained(table, "mylabl", m="Male", f="Female") == ["m", "f", "m", "f", "m", "skipped", "skipped"]


def test_a_range_from_below_and_a_value_are_both_missing(shared: Path) -> None:
    table = read(shared, "pyreadstat_simple_alltypes.sav")

    assert explained(table, "z", a=1.234, b=3.14159) == ["skipped", "skipped", "a", "skipped", "b", "skipped"]
    assert explained(table, "x", r="red", g="green", b="blue", four=4, nine=9) == [
        "r", "g", "b", "four", "skipped", "nine",
    ]  # fmt: skip


def test_tagged_missing_values_are_skipped_whether_labelled_or_not(shared: Path) -> None:
    table = read(shared, "haven_tagged-na-double.dta")

    assert explained(table, "x", a=1, b=2, c=3, d=4, e=5) == [*"abcde", "skipped", "skipped", "skipped"]


def test_a_tag_with_the_label_of_a_refusal_is_declined(shared: Path) -> None:
    table = read(shared, "haven_tagged-na-double.dta")
    refused = {**SILENT, "declined": Labels.of(["Apple"])}
    means = {"number": Labels.of([1, 2, 3, 4, 5])}

    answers = explain(table, "x", table.frame["x"], means, refused, "[items.n]").tolist()

    assert answers == ["number"] * 5 + ["declined", "skipped", "skipped"]


def test_labels_of_texts_are_kept(shared: Path) -> None:
    assert explained(read(shared, "haven_labelled-str.sav"), "gender", boy="male", girl="female") == [
        "boy",
        "girl",
    ]


def test_long_texts_are_whole_and_without_their_padding(shared: Path) -> None:
    table = read(shared, "pyreadstat_simple_alltypes.sav")

    answers = explained(table, "str", r="red", g="green", w="reg-green-blue-whatever", n="NA", j="MORE JUNK")
    assert answers == ["r", "g", "w", "n", "skipped", "j"]


def test_both_kinds_of_multiple_response_are_read(shared: Path) -> None:
    table = read(shared, "pyreadstat_simple_alltypes.sav")
    for name in ("bool1", "bool2", "bool3"):
        assert set(explained(table, name, yes=1, no=0)) <= {"yes", "no", "skipped"}
        assert table.titles[name].startswith("Response #")
    for name in ("ca_subvar_1", "ca_subvar_2", "ca_subvar_3"):
        assert set(explained(table, name, a="a", b="b", c="c", d="d")) <= {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    "name", ["pyreadstat_sample.por", "pyreadstat_sample.zsav", "pyreadstat_sample_missing.sav"]
)
def test_the_same_data_are_the_same_in_every_container(shared: Path, name: str) -> None:
    table = read(shared, name)
    frame = table.frame.rename(columns=str.lower).head(5)

    assert frame["mychar"].tolist() == list("abcde")
    assert frame["mynum"].tolist() == pytest.approx([1.1, 1.2, -1000.3, -1.4, 1000.3])
    assert frame["mydate"].iloc[0] == "2018-05-06"
    column = "MYLABL" if "MYLABL" in table.frame else "mylabl"
    assert explained(table, column, m="Male", f="Female")[:5] == ["m", "f", "m", "f", "m"]


def test_dates_before_the_calendar_of_sas_begins_are_read(shared: Path) -> None:
    frame = read(shared, "pyreadstat_dates_xpt_v8.xpt").frame

    assert frame["dates"].head(5).tolist() == ["1959-12-30", *["1959-12-31"] * 3, "1960-01-01"]
    assert frame["string_dates"].tolist() == frame["dates"].tolist()
    assert frame["missings"].isna().sum() > 0


def test_an_empty_text_is_skipped_and_bare_codes_are_read_by_number(shared: Path) -> None:
    table = read(shared, "haven_hadley.sas7bdat")

    assert explained(table, "gender", f="f", m="m") == ["f", "f", "f", "skipped", "m", "m", "m", "m"]
    assert explained(table, "q3", two=2, four=4, five=5) == [
        "five", "four", "four", "skipped", "two", "five", "four", "five",
    ]  # fmt: skip
    assert table.titles["q1"] == "The instructor was well prepared"


def test_only_the_wanted_columns_are_kept(shared: Path) -> None:
    assert list(read(shared, "pyreadstat_sample.zsav", "myord").frame) == ["myord"]


BORN = [dt.date(2008, 1, 1) + dt.timedelta(days=(37 * i) % 900) for i in range(300)]


def with_days(tmp_path: Path, kind: str) -> Path:
    """A file with a column of days of birth under an innocent name, as each program writes days."""
    path, frame = tmp_path / f"ung.{kind}", pd.DataFrame({"v1": [1.0, 2.0, 3.0] * 100, "v7": BORN})
    if kind == "dta":
        frame.assign(v7=pd.to_datetime(frame["v7"])).to_stata(
            path, write_index=False, convert_dates={"v7": "td"}
        )
    elif kind == "xpt":
        pyreadstat.write_xport(frame, str(path))
    else:
        pyreadstat.write_sav(frame, str(path))
    return path


@pytest.mark.parametrize("kind", ["sav", "dta", "xpt"])
def test_days_of_birth_are_found_however_a_program_counts_days(tmp_path: Path, kind: str) -> None:
    with pytest.raises(PrivacyError, match=r"'v7' holds dates of birth \(300 rows\)"):
        read_table(with_days(tmp_path, kind))


@pytest.mark.parametrize("kind", ["sav", "dta", "xpt"])
def test_days_are_read_as_they_are_written(tmp_path: Path, kind: str) -> None:
    part = next(open_statistical(with_days(tmp_path, kind), kind).parts)
    assert part["v7"].tolist() == [day.isoformat() for day in BORN]
