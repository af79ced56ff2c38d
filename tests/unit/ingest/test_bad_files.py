"""The deliberately bad files: each ends with the message, or the right result, that its README asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.concepts.responses import Responses
from mapping.errors import InputError, PrivacyError
from mapping.ingest import read_survey

AREAS = {f"0188A{i:03d}0" for i in range(1, 16)} | {"0188C1010"}
BY_LABEL = ('"Ja"', '"Nej"', '{ girl = "Flicka", boy = "Pojke", other = "Annat" }', "")
BY_CODE = ("1", "2", "{ girl = 1, boy = 2, other = 3 }", "missing = [9]")
SETTINGS = """schema = 1
id = "2026"
survey = "Ung"
[file]
path = "{file}"
respondent = "respid"
{missing}
[design]
school = "skola"
class = "klass"
weights = "vikt"
[area]
kind = "residence"
column = "deso"
geography = "deso"
{area}
[groups.sex]
column = "kon"
labels = {sex}
[items.n_study]
variable = "q1_kontroll"
values = {{ yes = {yes}, no = {no} }}
[items.n_married]
variable = "q2_gifte"
values = {{ yes = {yes}, no = {no} }}
[items.n_witness]
variable = "q3_resa"
values = {{ yes = {yes}, no = {no} }}
"""


def take_in(
    shared: Path, folder: Path, name: str, coding: tuple[str, str, str, str] | None = None, area: str = ""
) -> Responses:
    yes, no, sex, missing = coding or (BY_LABEL if name.endswith(".sav") else BY_CODE)
    wave = folder / "2026"
    wave.mkdir()
    text = SETTINGS.format(file=name, yes=yes, no=no, sex=sex, missing=missing, area=area)
    (wave / "wave.toml").write_text(text, encoding="utf-8")
    return read_survey(shared / "data" / "bad" / name, wave / "wave.toml", districts=AREAS)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("g01_truncated.sav", InputError, "truncated: there are fewer rows"),
        ("g02_csv_named.sav", InputError, "the name says an SPSS file.*content is text with separators"),
        ("g03_zero_rows.sav", InputError, "no respondents"),
        ("g04_duplicate_respid.csv", InputError, "'respid'.*data rows 4, 11, 58, 201"),
        (
            "g05_personnummer_in_kommentar.csv",
            PrivacyError,
            r"'kommentar' holds Swedish personal numbers \(6 rows\)",
        ),
        (
            "g06_personnummer_as_respid.sav",
            PrivacyError,
            r"'respid' holds Swedish personal numbers \(240 rows\)",
        ),
        ("g07_names_email_phone_address.xlsx", PrivacyError, "'namn'.*'epost'.*'mobil'.*'adress'"),
        ("g08_unknown_area_codes.csv", InputError, "'deso'.*in 4 rows"),
        ("g10_mixed_encoding.csv", InputError, "encoding changes at data row 120"),
        ("g11_nul_bytes.csv", InputError, "NUL byte in data row 40"),
        (
            "g12_bad_weights.csv",
            InputError,
            "'vikt'.*not a number in data rows 3, 4; zero or negative in data rows 1, 2; more than 1000.*row 5.*row 6",
        ),
        ("g14_html_in_labels.sav", InputError, "'kon' holds answers that wave.toml does not explain"),
    ],
)
def test_a_bad_file_is_refused(
    shared: Path, tmp_path: Path, name: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        take_in(shared, tmp_path, name)

    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["g05_personnummer_in_kommentar.csv", "g06_personnummer_as_respid.sav"])
def test_no_personal_number_is_repeated(shared: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(PrivacyError) as caught:
        take_in(shared, tmp_path, name)

    assert not any(
        character.isdigit()
        for character in str(caught.value).split("rows")[0].replace(name, "").strip("0123456789("[:10])[:40]
    )
    assert "98" not in str(caught.value).replace(name, "")


@pytest.mark.parametrize("name", ["ok_control.sav", "g13_formula_injection.csv", "g15_rtl_emoji.csv"])
def test_a_good_file_passes(shared: Path, tmp_path: Path, name: str) -> None:
    found = take_in(shared, tmp_path, name)

    assert len(found.frame) == 240
    assert found.frame["n_study"].value_counts()["yes"] == 27
    assert "omrade" not in found.frame and "skolnamn" not in found.frame


def test_swapped_labels_are_mapped_right_by_label(shared: Path, tmp_path: Path) -> None:
    found = take_in(shared, tmp_path, "g09_wave_2025_labels_swapped.sav").frame["n_study"].value_counts()

    assert (found["yes"], found["no"], found["declined"]) == (38, 189, 13)


def test_swapped_labels_are_refused_when_mapped_by_code(shared: Path, tmp_path: Path) -> None:
    coding = ("1", "2", BY_LABEL[2], "")

    with pytest.raises(InputError, match="code 1 to 'yes', but the file labels it 'Nej'"):
        take_in(shared, tmp_path, "g09_wave_2025_labels_swapped.sav", coding)


def test_markup_in_labels_is_text_like_any_other(shared: Path, tmp_path: Path) -> None:
    sex = '{ girl = "<i>Flicka</i>", boy = "Pojke & pappa", other = \'Annat "x"\' }'

    found = take_in(shared, tmp_path, "g14_html_in_labels.sav", ('"Ja"', '"Nej"', sex, ""))

    assert set(found.frame["sex"]) == {"girl", "boy", "other"}


def test_an_item_without_answers_is_not_asked_and_one_all_declined_has_no_valid_answers(
    shared: Path, tmp_path: Path
) -> None:
    found = take_in(shared, tmp_path, "g16_all_missing_indicator.sav")

    assert "n_married" not in found.frame
    assert set(found.frame["n_witness"]) == {"declined"}
    assert len(found.notes) == 2


def test_other_places_may_be_placed_elsewhere_and_the_total_stays(shared: Path, tmp_path: Path) -> None:
    area = 'elsewhere = ["9999Z9999", "0188A0010_DeSO2025", "0581A0010"]'

    found = take_in(shared, tmp_path, "g08_unknown_area_codes.csv", area=area).frame["area"]

    assert (len(found), (found == "elsewhere").sum()) == (240, 5)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("ssda903_header.csv", ["DOB", "UPN", "MC_DOB"]),
        ("ssda903_episodes.csv", ["HOME_POST", "PL_POST"]),
        ("polisen_handelser_2025.csv", ["summary", "gps"]),
    ],
)
def test_case_files_with_direct_identifiers_are_refused(shared: Path, name: str, columns: list[str]) -> None:
    from mapping.ingest.door import guard
    from mapping.ingest.readers import read_table

    with pytest.raises(PrivacyError) as caught:
        guard(read_table(shared / "data" / "cases" / name))

    assert all(f"column '{column}'" in str(caught.value) for column in columns)
