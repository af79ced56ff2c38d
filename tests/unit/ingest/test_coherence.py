"""Values held against labels: damage and slips that nothing else gives away."""

from __future__ import annotations

import pytest

from mapping.errors import InputError
from mapping.ingest import read_survey

from .conftest import PARTNER, PARTNER_LABELS, MakeWave

BY_CODE = '[items.n_partner]\nvariable = "f31"\nvalues = { own = 1, conditional = 2, none = 3 }\n'
MIXED = [1.0, 2.0, 3.0] * 10


def notes_of(wave: object) -> str:
    return " ".join(read_survey(None, wave).notes)  # type: ignore[arg-type]


def test_decimals_among_labelled_codes_are_damage(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [*MIXED, 1.5, 2.25]}, labels={"f31": PARTNER_LABELS})

    with pytest.raises(
        InputError, match=r"ung\.sav: column 'f31'.*decimals in 2 rows.*may be damaged"
    ) as caught:
        read_survey(None, wave)
    assert "1.5" not in str(caught.value)


def test_values_outside_the_labelled_codes_are_refused(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [*MIXED, 77.0, 78.0]}, labels={"f31": PARTNER_LABELS})

    with pytest.raises(
        InputError, match=r"'f31' holds codes.*besides those it has labels for: .*in 2 rows"
    ) as caught:
        read_survey(None, wave)
    assert "77" not in str(caught.value)


def test_values_outside_the_labelled_codes_may_be_declared_missing(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [*MIXED, 77.0]}, labels={"f31": PARTNER_LABELS}, missing={"f31": [77.0]})

    assert (read_survey(None, wave).frame["n_partner"] == "skipped").sum() == 1


def test_a_code_without_label_among_labelled_ones_is_noted(make_wave: MakeWave) -> None:
    settings = PARTNER.replace('none = "Nej"', 'none = ["Nej", 4]')
    wave = make_wave({"f31": [*MIXED, *[4.0] * 7]}, settings, labels={"f31": PARTNER_LABELS})

    assert "Column 'f31' has value labels, but none for the codes in 7 rows" in notes_of(wave)


def test_few_codes_without_label_are_not_counted_out(make_wave: MakeWave) -> None:
    settings = PARTNER.replace('none = "Nej"', 'none = ["Nej", 4]')
    wave = make_wave({"f31": [*MIXED, 4.0]}, settings, labels={"f31": PARTNER_LABELS})

    assert "in fewer than 5 rows" in notes_of(wave)


def test_texts_among_codes_are_refused(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [*map(str, MIXED), "##", "##", "#Z"]}, BY_CODE, kind="csv")

    with pytest.raises(
        InputError, match=r"'f31' holds texts in 3 rows, but wave.toml expects codes"
    ) as caught:
        read_survey(None, wave)
    assert "#" not in str(caught.value)


def test_bare_codes_where_labels_are_expected_are_refused(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": MIXED}, kind="csv")

    with pytest.raises(InputError, match=r"'f31' holds codes.*no label for any: '1', '2', '3'"):
        read_survey(None, wave)


def test_a_label_misspelt_in_the_settings_is_named_beside_the_right_one(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": MIXED}, PARTNER.replace("Delvis", "Devis"), labels={"f31": PARTNER_LABELS})

    with pytest.raises(InputError, match=r"'f31' holds 'Delvis'.*has 'devis' instead.*\[items\.n_partner\]"):
        read_survey(None, wave)


def test_a_level_misspelt_in_the_settings_is_named_too(make_wave: MakeWave) -> None:
    group = '[groups.sex]\ncolumn = "kon"\nlabels = { girl = "Flika", boy = "Pojke" }'
    wave = make_wave({"kon": [1.0]}, group, labels={"kon": {1.0: "Flicka", 2.0: "Pojke"}})

    with pytest.raises(InputError, match=r"'Flicka'.*'flika' instead.*\[groups\.sex\]"):
        read_survey(None, wave)


def test_labels_that_differ_in_a_digit_are_not_taken_for_a_slip(make_wave: MakeWave) -> None:
    group = '[groups.grade]\ncolumn = "ak"\nlabels = { "9" = "Årskurs 9" }'
    wave = make_wave({"ak": [8.0]}, group, labels={"ak": {8.0: "Årskurs 8"}})

    with pytest.raises(InputError, match=r"answers that wave.toml does not explain: 'Årskurs 8'"):
        read_survey(None, wave)


def test_an_answer_for_which_the_file_has_no_label_is_noted(make_wave: MakeWave) -> None:
    labels = {code: label for code, label in PARTNER_LABELS.items() if label != "Delvis"}
    wave = make_wave({"f31": [1.0, 3.0] * 15}, labels={"f31": labels})

    assert "no label of column 'f31' means 'conditional'" in notes_of(wave)


def test_a_label_that_no_row_holds_is_noted(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0, 3.0] * 15}, labels={"f31": PARTNER_LABELS})

    assert "Item 'n_partner': nobody gave the answer 'conditional'" in notes_of(wave)


def test_a_column_with_one_answer_only_is_noted_without_saying_which(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [3.0] * 30}, labels={"f31": PARTNER_LABELS})

    found = notes_of(wave)

    assert "Item 'n_partner': everybody gave the same answer" in found
    assert "none" not in found


def test_few_answers_that_are_alike_are_no_wonder(make_wave: MakeWave) -> None:
    assert "same answer" not in notes_of(make_wave({"f31": [3.0] * 29}, labels={"f31": PARTNER_LABELS}))


def test_a_running_number_that_is_the_same_everywhere_is_refused(make_wave: MakeWave) -> None:
    wave = make_wave(
        {"f31": [1.0] * 3, "id": [7.0] * 3}, labels={"f31": PARTNER_LABELS}, file_keys='respondent = "id"'
    )

    with pytest.raises(InputError, match=r"'id' holds the same running number in all 3 rows"):
        read_survey(None, wave)


def test_a_rare_text_is_not_named_however_like_a_label_it_is(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": ["Ja"] * 6 + ["Delvist"]}, kind="csv")

    with pytest.raises(InputError, match="rare values without label in 1 row") as caught:
        read_survey(None, wave)
    assert "Delvist" not in str(caught.value)
