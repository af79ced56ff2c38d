"""Every answer of a file is explained by its label, or the wave is refused."""

from __future__ import annotations

import pytest

from mapping.errors import InputError, SettingsError
from mapping.ingest import read_survey

from .conftest import PARTNER, PARTNER_LABELS, MakeWave


def answers(wave: object, item: str = "n_partner") -> list[str]:
    """The answers in a known order: rows come out shuffled."""
    return sorted(read_survey(None, wave).frame[item])  # type: ignore[arg-type]


def test_labels_become_answer_codes_and_kinds_of_silence(make_wave: MakeWave) -> None:
    codes = [1.0, 2.0, 3.0, 8.0, 9.0, None]

    wave = make_wave({"f31": codes}, labels={"f31": PARTNER_LABELS})

    assert answers(wave) == ["conditional", "declined", "none", "own", "skipped", "unsure"]


def test_labels_match_whatever_their_case_spaces_and_accents(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0, 2.0]}, labels={"f31": {1.0: " JA ", 2.0: "nej"}})

    assert answers(wave) == ["none", "own"]


def test_swapped_codes_do_no_harm_when_mapped_by_label(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0, 1.0, 3.0]}, labels={"f31": {1.0: "Nej", 3.0: "Ja"}})

    assert answers(wave) == ["none", "none", "own"]


def test_codes_that_the_labels_contradict_are_refused(make_wave: MakeWave) -> None:
    settings = '[items.n_study]\nvariable = "f40"\nvalues = { yes = 1, no = 2 }'
    wave = make_wave({"f40": [1.0, 2.0]}, settings, labels={"f40": {1.0: "Nej", 2.0: "Ja"}})

    with pytest.raises(InputError, match=r"ung\.sav: column 'f40'.*code 1.*'Nej'.*write the labels"):
        read_survey(None, wave)


def test_a_label_and_a_code_that_mean_different_answers_are_refused(make_wave: MakeWave) -> None:
    settings = '[items.n_study]\nvariable = "f40"\nvalues = { yes = ["Ja", 1], no = ["Nej", 2] }'
    wave = make_wave({"f40": [1.0]}, settings, labels={"f40": {1.0: "Nej", 2.0: "Ja"}})

    with pytest.raises(InputError, match="'yes' and 'no' at once"):
        read_survey(None, wave)


def test_a_label_that_nothing_explains_is_named(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0, 4.0]}, labels={"f31": {1.0: "Ja", 4.0: "Kanske"}})

    with pytest.raises(InputError, match=r"ung\.sav: column 'f31'.*'Kanske'.*\[items\.n_partner\]"):
        read_survey(None, wave)


def test_a_rare_value_without_label_is_counted_never_named(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": ["Ja"] * 6 + ["mina föräldrar"] * 4}, kind="csv")

    with pytest.raises(InputError) as caught:
        read_survey(None, wave)

    assert "in 4 rows" in str(caught.value)
    assert "föräldrar" not in str(caught.value)


def test_a_frequent_code_without_label_is_named(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0, *[7.0] * 5]}, labels={"f31": PARTNER_LABELS})

    with pytest.raises(InputError, match="'7'"):
        read_survey(None, wave)


def test_what_the_file_declares_missing_is_skipped_unless_its_label_says_more(make_wave: MakeWave) -> None:
    labels = {"f31": {1.0: "Ja", 7.0: "Ej ställd", 8.0: "Vet ej", 9.0: "Vill ej svara"}}
    wave = make_wave({"f31": [1.0, 7.0, 8.0, 9.0]}, labels=labels, missing={"f31": [{"lo": 7, "hi": 9}]})

    assert answers(wave) == ["declined", "own", "skipped", "unsure"]


def test_an_answer_that_the_file_declares_missing_is_refused(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0]}, labels={"f31": PARTNER_LABELS}, missing={"f31": [1.0]})

    with pytest.raises(InputError, match="declares 'Ja' missing"):
        read_survey(None, wave)


def test_unsure_listed_as_an_answer_is_refused(make_wave: MakeWave) -> None:
    settings = '[items.n_study]\nvariable = "f40"\nvalues = { yes = "Ja", no = ["Nej", "Vet inte"] }'
    wave = make_wave({"f40": [1.0, 2.0]}, settings, labels={"f40": {1.0: "Ja", 2.0: "Vet inte"}})

    with pytest.raises(SettingsError, match="unsure or does not want to answer"):
        read_survey(None, wave)


def test_a_label_cannot_be_answer_and_missing_at_once(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0]}, labels={"f31": PARTNER_LABELS}, file_keys='missing = ["Ja"]')

    with pytest.raises(SettingsError, match="can only be one of them"):
        read_survey(None, wave)


def test_declined_is_stronger_than_missing_when_a_label_is_listed_as_both(make_wave: MakeWave) -> None:
    keys = 'unsure = ["Vet ej"]\nmissing = ["Vill ej svara", 99]'
    wave = make_wave({"f31": [1.0, 9.0, 99.0]}, labels={"f31": PARTNER_LABELS}, file_keys=keys)

    assert answers(wave) == ["declined", "own", "skipped"]


def test_a_missing_column_is_an_error_that_names_its_neighbours(make_wave: MakeWave) -> None:
    wave = make_wave({"f_31": [1.0], "f32": [1.0]})

    with pytest.raises(
        InputError, match=r"wave\.toml of 2026: column 'f31'.*item 'n_partner'.*Nearest names.*f_31"
    ):
        read_survey(None, wave)


def test_an_item_that_is_empty_for_everyone_was_not_asked(make_wave: MakeWave) -> None:
    settings = PARTNER + '[items.n_study]\nvariable = "f32"\nvalues = { yes = 1, no = 2 }\n'
    wave = make_wave({"f31": [None, None], "f32": [1.0, 2.0]}, settings)

    found = read_survey(None, wave)

    assert "n_partner" not in found.frame
    assert any("not asked" in note for note in found.notes)


def test_an_item_that_everybody_declined_was_asked_but_has_no_valid_answers(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [9.0, 9.0]}, labels={"f31": PARTNER_LABELS})

    found = read_survey(None, wave)

    assert set(found.frame["n_partner"]) == {"declined"}
    assert any("no valid answers" in note for note in found.notes)


@pytest.mark.parametrize("text", ["1", "1,0", "1.0", " 1 "])
def test_numbers_in_text_files_match_codes_with_either_decimal_sign(make_wave: MakeWave, text: str) -> None:
    settings = PARTNER.replace('"Ja"', "1").replace('"Delvis"', "2").replace('"Nej"', "3")
    wave = make_wave({"f31": [text, "3"]}, settings, kind="csv")

    assert answers(wave) == ["none", "own"]
