"""Codes that changed their meaning since the wave before."""

from __future__ import annotations

import pytest

from mapping.errors import InputError
from mapping.ingest import read_survey

from .conftest import PARTNER, PARTNER_LABELS, MakeWave

SWAPPED = PARTNER_LABELS | {1.0: "Nej", 3.0: "Ja"}


def test_labels_swapped_since_the_last_wave_stop_the_wave(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": PARTNER_LABELS}, id="2024")
    wave = make_wave({"f31": [1.0]}, labels={"f31": SWAPPED}, id="2026")

    with pytest.raises(
        InputError, match="'f31' changed between waves 2024 and 2026: code 1 was 'Ja' and is now 'Nej'"
    ):
        read_survey(None, wave)


def test_a_confirmed_change_is_mapped_by_label(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": PARTNER_LABELS}, id="2024")
    wave = make_wave({"f31": [1.0]}, labels={"f31": SWAPPED}, id="2026", file_keys='relabelled = ["f31"]')

    assert read_survey(None, wave).frame["n_partner"].tolist() == ["none"]


def test_a_new_wording_of_the_same_answer_is_no_change(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": PARTNER_LABELS}, id="2024")
    settings = PARTNER.replace('"Ja"', '"Ja, helt själv"')
    wave = make_wave(
        {"f31": [1.0]}, settings, labels={"f31": PARTNER_LABELS | {1.0: "Ja, helt själv"}}, id="2026"
    )

    assert read_survey(None, wave).frame["n_partner"].tolist() == ["own"]


def test_swapped_sexes_stop_the_wave_too(make_wave: MakeWave) -> None:
    group = '[groups.sex]\ncolumn = "kon"\nlabels = { girl = "Flicka", boy = "Pojke" }'
    make_wave({"kon": [1.0]}, group, labels={"kon": {1.0: "Flicka", 2.0: "Pojke"}}, id="2024")
    wave = make_wave({"kon": [1.0]}, group, labels={"kon": {1.0: "Pojke", 2.0: "Flicka"}}, id="2026")

    with pytest.raises(InputError, match="'kon' changed between waves"):
        read_survey(None, wave)


SHIFTED = {2.0: "Ja", 3.0: "Delvis", 4.0: "Nej"}
THREE = {1.0: "Ja", 2.0: "Delvis", 3.0: "Nej"}
CODED = '[items.n_partner]\nvariable = "f31"\nvalues = { own = 1, conditional = 2, none = 3 }\n'


def test_a_shift_to_codes_that_meant_nothing_before_is_mapped_by_label_and_noted(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": THREE}, id="2024")
    wave = make_wave({"f31": [2.0, 4.0, 4.0]}, labels={"f31": SHIFTED}, id="2026")

    found = read_survey(None, wave)

    assert sorted(found.frame["n_partner"]) == ["none", "none", "own"]
    assert any("'f31' has other codes for its answers than in wave 2024" in note for note in found.notes)


def test_a_shift_that_the_values_do_not_prove_stops_the_wave(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": THREE}, id="2024")
    wave = make_wave({"f31": [2.0, 3.0, 3.0]}, labels={"f31": SHIFTED}, id="2026")

    with pytest.raises(InputError, match="code 2 was 'Delvis' and is now 'Ja'"):
        read_survey(None, wave)


def test_a_shift_onto_the_code_of_unsure_stops_the_wave(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": THREE | {4.0: "Vet ej"}}, id="2024")
    wave = make_wave({"f31": [2.0, 4.0]}, labels={"f31": SHIFTED}, id="2026")

    with pytest.raises(InputError, match="'f31' changed between waves 2024 and 2026"):
        read_survey(None, wave)


def test_a_swap_beside_a_new_code_stops_the_wave(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": {1.0: "Ja", 3.0: "Nej"}}, id="2024")
    wave = make_wave({"f31": [1.0, 4.0]}, labels={"f31": {1.0: "Nej", 3.0: "Ja", 4.0: "Delvis"}}, id="2026")

    with pytest.raises(InputError, match="code 1 was 'Ja' and is now 'Nej'"):
        read_survey(None, wave)


def test_a_reversed_scale_stops_the_wave(make_wave: MakeWave) -> None:
    scale = ["Nej", "Delvis", "Ja"]
    make_wave({"f31": [1.0]}, labels={"f31": dict(zip([1.0, 2.0, 3.0], scale, strict=True))}, id="2024")
    wave = make_wave(
        {"f31": [1.0]}, labels={"f31": dict(zip([3.0, 2.0, 1.0], scale, strict=True))}, id="2026"
    )

    with pytest.raises(InputError, match="'f31' changed between waves 2024 and 2026"):
        read_survey(None, wave)


def test_a_dropped_answer_that_draws_the_others_up_stops_the_wave(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": THREE}, id="2024")
    wave = make_wave({"f31": [1.0, 2.0]}, labels={"f31": {1.0: "Ja", 2.0: "Nej"}}, id="2026")

    with pytest.raises(InputError, match="code 2 was 'Delvis' and is now 'Nej'"):
        read_survey(None, wave)


def test_a_dropped_or_a_new_answer_with_a_code_of_its_own_is_no_change(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": THREE}, id="2024")
    make_wave({"f31": [1.0, 3.0]}, labels={"f31": {1.0: "Ja", 3.0: "Nej"}}, id="2025")
    wave = make_wave({"f31": [2.0]}, labels={"f31": THREE}, id="2026")

    assert read_survey(None, wave).frame["n_partner"].tolist() == ["conditional"]


def test_codes_with_new_numbers_are_mapped_by_label_and_noted(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": THREE}, id="2024")
    wave = make_wave({"f31": [10.0]}, labels={"f31": {10.0: "Ja", 20.0: "Delvis", 30.0: "Nej"}}, id="2026")

    found = read_survey(None, wave)

    assert found.frame["n_partner"].tolist() == ["own"]
    assert any("other codes" in note for note in found.notes)


def test_a_code_of_unsure_that_becomes_an_answer_stops_the_wave(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": {1.0: "Ja", 2.0: "Vet ej", 3.0: "Nej"}}, id="2024")
    wave = make_wave({"f31": [1.0]}, labels={"f31": {1.0: "Ja", 2.0: "Nej", 3.0: "Vet ej"}}, id="2026")

    with pytest.raises(InputError, match="code 2 was 'Vet ej' and is now 'Nej'"):
        read_survey(None, wave)


@pytest.mark.parametrize("swapped", [True, False])
def test_bare_codes_are_held_against_the_labels_of_the_wave_before(
    make_wave: MakeWave, swapped: bool
) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": SWAPPED if swapped else THREE}, id="2024")
    wave = make_wave({"f31": [1, 3]}, CODED, id="2026", kind="csv")

    if swapped:
        with pytest.raises(InputError, match=r"code 1 was 'Nej' and is now 'own' by wave\.toml"):
            read_survey(None, wave)
    else:
        assert sorted(read_survey(None, wave).frame["n_partner"]) == ["none", "own"]


def test_labels_are_held_against_the_bare_codes_of_the_wave_before(make_wave: MakeWave) -> None:
    make_wave({"f31": [1, 3]}, CODED, id="2024", kind="csv")
    wave = make_wave({"f31": [1.0]}, labels={"f31": SWAPPED}, id="2026")

    with pytest.raises(InputError, match=r"code 1 was 'own' by wave\.toml and is now 'Nej'"):
        read_survey(None, wave)


def test_bare_codes_are_held_against_bare_codes(make_wave: MakeWave) -> None:
    make_wave({"f31": [1, 3]}, CODED, id="2024", kind="csv")
    settings = CODED.replace("own = 1", "own = 3").replace("none = 3", "none = 1")
    wave = make_wave({"f31": [1, 3]}, settings, id="2026", kind="csv")

    with pytest.raises(InputError, match=r"code 3 was 'none' by wave\.toml and is now 'own'"):
        read_survey(None, wave)


def test_the_labels_before_a_wave_of_texts_still_count(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": THREE}, id="2022")
    make_wave({"f31": ["Ja"]}, id="2024", kind="csv")
    wave = make_wave({"f31": [1.0]}, labels={"f31": SWAPPED}, id="2026")

    with pytest.raises(InputError, match="changed between waves 2022 and 2026"):
        read_survey(None, wave)


@pytest.mark.parametrize("before", ["csv", "sav"])
def test_a_text_that_means_another_answer_stops_the_wave_until_confirmed(
    make_wave: MakeWave, before: str
) -> None:
    labels = {"f31": THREE} if before == "sav" else None
    make_wave({"f31": [1.0] if labels else ["Ja"]}, labels=labels, id="2024", kind=before)
    settings = PARTNER.replace('own = "Ja"', 'own = "Nej"').replace('none = "Nej"', 'none = "Ja"')
    wave = make_wave({"f31": ["Ja"]}, settings, id="2026", kind="csv")
    confirmed = 'relabelled = ["f31"]'

    with pytest.raises(
        InputError, match=r"'Nej' of column 'f31' means 'own' by wave.toml, but meant 'none' in wave 2024"
    ):
        read_survey(None, wave)
    wave = make_wave({"f31": ["Ja"]}, settings, id="2026", kind="csv", file_keys=confirmed)
    assert read_survey(None, wave).frame["n_partner"].tolist() == ["none"]


def test_texts_that_mean_the_same_in_another_container_pass(make_wave: MakeWave) -> None:
    make_wave({"f31": [1.0]}, labels={"f31": THREE}, id="2024")
    wave = make_wave({"f31": ["Ja", "Nej"]}, id="2026", kind="csv")

    assert sorted(read_survey(None, wave).frame["n_partner"]) == ["none", "own"]


def test_boxes_that_changed_their_codes_stop_the_wave(make_wave: MakeWave) -> None:
    settings = '[items.n_leisure]\nvariables = ["a"]\nboxes = { sports = "Idrott", friends = "Kompisar" }\n'
    make_wave({"a": [1.0]}, settings, labels={"a": {1.0: "Idrott", 2.0: "Kompisar"}}, id="2024")
    wave = make_wave({"a": [1.0]}, settings, labels={"a": {2.0: "Idrott", 1.0: "Kompisar"}}, id="2026")

    with pytest.raises(InputError, match="code 2 was 'Kompisar' and is now 'Idrott'"):
        read_survey(None, wave)


def test_a_shift_in_which_an_answer_lost_its_label_stops_the_wave(make_wave: MakeWave) -> None:
    settings = PARTNER.replace('none = "Nej"', 'none = ["Nej", "Absolut inte"]')
    make_wave({"f31": [1.0]}, settings, labels={"f31": THREE}, id="2024")
    labels = {2.0: "Ja", 3.0: "Delvis", 4.0: "Absolut inte"}
    wave = make_wave({"f31": [2.0, 4.0]}, settings, labels={"f31": labels}, id="2026")

    with pytest.raises(InputError, match="code 2 was 'Delvis' and is now 'Ja'"):
        read_survey(None, wave)


def test_a_label_that_is_now_another_kind_of_silence_is_no_change_of_codes(make_wave: MakeWave) -> None:
    labels = {"f31": THREE | {9.0: "Ej svar"}}
    make_wave({"f31": [1.0]}, labels=labels, id="2024", file_keys='missing = ["Ej svar"]')
    wave = make_wave({"f31": [9.0]}, labels=labels, id="2026", file_keys='declined = ["Ej svar"]')

    assert read_survey(None, wave).frame["n_partner"].tolist() == ["declined"]
