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
