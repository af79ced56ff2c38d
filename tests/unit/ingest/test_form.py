"""The form in which an analyst decides a draft: written, filled in, read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from mapping.concepts.question import Question
from mapping.concepts.wave import read_wave
from mapping.errors import BuildError, InputError
from mapping.ingest import write_draft, write_from_form

QUESTIONS = {
    "n_partner": Question(
        "n_partner",
        {"sv": "Får du själv välja vem du ska leva med eller gifta dig med?"},
        answers={
            "own": {"sv": ("Ja, helt själv",)},
            "conditional": {"sv": ("Ja, men med villkor",)},
            "none": {"sv": ("Nej",)},
        },
    ),
    "n_oppsex": Question(
        "n_oppsex",
        {"sv": "Hindrar din familj dig från att umgås med det andra könet på fritiden?"},
        answers={"yes": {"sv": ("Ja",)}, "no": {"sv": ("Nej",)}},
    ),
    "n_leisure": Question(
        "n_leisure",
        {"sv": "Vad får du inte göra på fritiden?"},
        boxes={"sports": {"sv": ("Idrott",)}, "none": {"sv": ("Inget",)}},
    ),
}
VARIABLES, ANSWERS = "1 Variabler", "2 Svar"
USED_AS, MEANS = 6, 4  # the yellow columns


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """A file whose partner question is plain, and whose question on the other sex is put the other way round."""
    columns = {
        "LopNr": [1.0, 2.0], "Kon": [1.0, 2.0], "AK": [1.0, 2.0], "Omr": [1.0, 2.0], "f31": [1.0, 3.0],
        "f33": [1.0, 2.0], "f35a": [1.0, 0.0], "f35x": [0.0, 1.0], "formel": [1.0, 2.0],
    }  # fmt: skip
    titles = {
        "Omr": "Stadsdel", "f31": "Får du själv välja vem du ska leva med eller gifta dig med?",
        "f33": "Får du umgås med det andra könet på fritiden?", "f35a": "Vad får du inte göra på fritiden? Idrott",
        "f35x": "Vad får du inte göra på fritiden? Inget", "formel": "=HYPERLINK(1)",
    }  # fmt: skip
    partner = {
        1.0: "Ja, helt själv",
        2.0: "Ja, men med villkor",
        3.0: "Nej",
        8.0: "Vet ej",
        9.0: "Vill ej svara",
    }
    labels = {
        "Kon": {1.0: "Flicka", 2.0: "Pojke"}, "AK": {1.0: "Årskurs 9", 2.0: "Gy 2"},
        "Omr": {1.0: "Norr", 2.0: "Annan kommun"}, "f31": partner, "f33": {1.0: "Ja", 2.0: "Nej", 8.0: "Vet ej"},
        "f35a": {1.0: "Markerat", 0.0: "Ej markerat"}, "f35x": {1.0: "Markerat", 0.0: "Ej markerat"},
        "formel": {1.0: "=1+1", 2.0: "@SUM(A1)"},
    }  # fmt: skip
    path = tmp_path / "ung.sav"
    pyreadstat.write_sav(pd.DataFrame(columns), str(path), column_labels=titles, variable_value_labels=labels)
    return path


def rows(sheet: Any) -> dict[tuple[str, ...], int]:
    """The rows of a sheet by variable, or by variable and label."""
    by = 1 if sheet.title == VARIABLES else 2
    return {
        tuple(str(sheet.cell(r, c).value) for c in range(1, by + 1)): r for r in range(2, sheet.max_row + 1)
    }


def fill(form: Path, uses: dict[str, str], means: dict[tuple[str, str], str]) -> None:
    """Choose what variables are used as and what their labels mean, as a person would in the drop-downs."""
    book = openpyxl.load_workbook(form)
    for name, use in uses.items():
        book[VARIABLES].cell(rows(book[VARIABLES])[(name,)], USED_AS).value = use
    for key, meaning in means.items():
        book[ANSWERS].cell(rows(book[ANSWERS])[key], MEANS).value = meaning
    book.save(form)


Drafted = Callable[[], tuple[Path, Path]]


@pytest.fixture
def drafted(survey: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The draft of wave 2026 and its form."""
    path, _ = write_draft(survey, tmp_path / "2026", QUESTIONS)
    return path, path.with_name("wave-form.xlsx")


DECIDED = {("f33", "Ja"): "no", ("f33", "Nej"): "yes", ("Omr", "Annan kommun"): "annan kommun / elsewhere"}
OPPSEX = "n_oppsex: Hindrar din familj dig från att umgås med det andra könet på fritiden?"
AREA = "stadsdel / district"


def test_what_is_sure_is_filled_in_and_what_is_in_doubt_is_only_proposed(drafted: tuple[Path, Path]) -> None:
    book = openpyxl.load_workbook(drafted[1])
    sheet, at = book[VARIABLES], rows(book[VARIABLES])

    assert sheet.cell(at[("f31",)], USED_AS).value.startswith("n_partner: ")
    assert sheet.cell(at[("f33",)], USED_AS).value is None
    assert sheet.cell(at[("f33",)], 3).value.startswith("n_oppsex: ")
    assert "other way round" in sheet.cell(at[("f33",)], 5).value
    assert 60 < sheet.cell(at[("f33",)], 4).value < 100
    assert {str(rule.sqref) for rule in sheet.data_validations.dataValidation} == {"F2:F10"}
    assert book["Val"].sheet_state == "hidden"


def test_a_form_filled_in_becomes_a_wave(survey: Path, drafted: tuple[Path, Path]) -> None:
    fill(drafted[1], {"f33": OPPSEX, "Omr": AREA}, DECIDED)
    path, said = write_from_form(survey, drafted[1], drafted[0].parent, QUESTIONS)
    wave = read_wave(path)

    assert wave.items["n_oppsex"].values == {"no": ("Ja",), "yes": ("Nej",)}
    assert wave.items["n_partner"].values["conditional"] == ("Ja, men med villkor",)
    assert dict(wave.items["n_leisure"].variables) == {"sports": "f35a", "none": "f35x"}
    assert (wave.items["n_leisure"].checked, wave.items["n_leisure"].unchecked) == (
        ("Markerat",),
        ("Ej markerat",),
    )
    assert (wave.area.column, wave.area.elsewhere) == ("Omr", ("Annan kommun",))
    assert dict(wave.groups["grade"].labels) == {"9": ("Årskurs 9",), "gy2": ("Gy 2",)}
    assert (wave.file.unsure, wave.file.declined, wave.file.respondent) == (
        ("Vet ej",),
        ("Vill ej svara",),
        "LopNr",
    )
    assert "IN DOUBT" not in path.read_text(encoding="utf-8")
    assert said == "3 questions are mapped; 1 variables are not used."


def test_a_form_sent_back_as_it_came_maps_only_what_was_sure(
    survey: Path, drafted: tuple[Path, Path]
) -> None:
    path, _ = write_from_form(survey, drafted[1], drafted[0].parent, QUESTIONS)
    assert "n_oppsex" not in read_wave(path).items


def test_a_form_can_be_corrected_and_read_again(survey: Path, drafted: tuple[Path, Path]) -> None:
    write_from_form(survey, drafted[1], drafted[0].parent, QUESTIONS)
    fill(drafted[1], {"f33": OPPSEX}, DECIDED)
    path, _ = write_from_form(survey, drafted[1], drafted[0].parent, QUESTIONS)
    assert "n_oppsex" in read_wave(path).items


def test_a_wave_changed_by_hand_is_not_overwritten(survey: Path, drafted: tuple[Path, Path]) -> None:
    text = drafted[0].read_text(encoding="utf-8").replace('survey = ""', 'survey = "Ung"')
    drafted[0].write_text(text, encoding="utf-8")
    with pytest.raises(BuildError, match="changed by hand"):
        write_from_form(survey, drafted[1], drafted[0].parent, QUESTIONS)
    assert drafted[0].read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("uses", "means", "says"),
    [
        ({"f33": OPPSEX}, {}, r"'2 Svar', row \d+: it is not said what this answer of 'f33' means"),
        ({"f33": OPPSEX}, {("f33", "Ja"): "own"}, r"'own' is no answer of n_oppsex; its answers are .*yes"),
        ({"f33": "n_partner"}, {}, r"'1 Variabler', row 7: 'f33' and 'f31' are both used as 'n_partner'"),
        ({"f33": "något annat"}, {}, r"'1 Variabler', row 7: 'något annat' is no use of a variable"),
    ],
)
def test_what_is_open_or_wrong_is_named_by_sheet_and_row(
    survey: Path, drafted: tuple[Path, Path], uses: Any, means: Any, says: str
) -> None:
    fill(drafted[1], uses, means)
    before = drafted[0].read_bytes()
    with pytest.raises(InputError, match=says):
        write_from_form(survey, drafted[1], drafted[0].parent, QUESTIONS)
    assert drafted[0].read_bytes() == before


def test_a_variable_the_file_lacks_is_named_with_the_nearest(
    survey: Path, drafted: tuple[Path, Path]
) -> None:
    book = openpyxl.load_workbook(drafted[1])
    book[VARIABLES].cell(rows(book[VARIABLES])[("f31",)], 1).value = "f131"
    book.save(drafted[1])
    with pytest.raises(InputError, match=r"has no variable 'f131'.*f31"):
        write_from_form(survey, drafted[1], drafted[0].parent, QUESTIONS)


def test_a_damaged_or_missing_form_is_refused_plainly(survey: Path, drafted: tuple[Path, Path]) -> None:
    drafted[1].write_bytes(b"PK no workbook")
    with pytest.raises(InputError, match=r"wave-form\.xlsx: the form is damaged"):
        write_from_form(survey, drafted[1], drafted[0].parent, QUESTIONS)
    drafted[1].unlink()
    with pytest.raises(InputError, match="there is no such form"):
        write_from_form(survey, drafted[1], drafted[0].parent, QUESTIONS)


def test_what_a_file_holds_is_never_a_formula_in_the_form(drafted: tuple[Path, Path]) -> None:
    book = openpyxl.load_workbook(drafted[1])
    texts = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in texts} <= {"s", "n"}
    (title,) = (cell for cell in texts if cell.value == "=HYPERLINK(1)")
    assert title.quotePrefix
