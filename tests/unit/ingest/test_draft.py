"""Drafting a wave.toml for a strange file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from mapping.concepts.question import Question
from mapping.concepts.wave import read_wave
from mapping.errors import BuildError, PrivacyError
from mapping.ingest import propose, write_draft

QUESTIONS = {
    "n_partner": Question(
        "n_partner",
        {
            "sv": "Får du själv välja vem du ska leva med eller gifta dig med?",
            "en": "May you choose whom to marry?",
        },
        answers={
            "own": {"sv": ("Ja, helt själv",), "en": ("Yes",)},
            "conditional": {"sv": ("Ja, men med villkor",), "en": ("Yes, but",)},
            "none": {"sv": ("Nej",), "en": ("No",)},
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
        boxes={
            "sports": {"sv": ("Idrott",)},
            "evenings": {"sv": ("Vara ute på kvällen",)},
            "none": {"sv": ("Inget",)},
        },
    ),
}
YES_NO = {1.0: "Ja", 2.0: "Nej", 8.0: "Vet ej"}
TICK = {1.0: "Markerat", 0.0: "Ej markerat"}


def file(tmp_path: Path, **extra: list[object]) -> Path:
    """A file as a consultant would hand it over."""
    columns = {
        "LopNr": [1.0, 2.0], "Skola": ["A", "B"], "Kon": [1.0, 2.0], "AK": [1.0, 2.0], "Stadsdel": ["N", "S"],
        "f31": [1.0, 3.0], "f33": [1.0, 2.0], "f35a": [1.0, 0.0], "f35b": [0.0, 0.0], "f35x": [0.0, 1.0],
    }  # fmt: skip
    titles = {
        "f31": "Får du själv välja vem du ska leva med eller gifta dig med?",
        "f33": "Får du umgås med det andra könet på fritiden?",
        "f35a": "Vad får du inte göra på fritiden? Idrott",
        "f35b": "Vad får du inte göra på fritiden? Vara ute på kvällen",
        "f35x": "Vad får du inte göra på fritiden? Inget",
    }
    labels = {
        "Kon": {1.0: "Flicka", 2.0: "Pojke"},
        "AK": {1.0: "Årskurs 9", 2.0: "Gy 2"},
        "f31": {
            1.0: "Ja, helt själv",
            2.0: "Ja, men med villkor",
            3.0: "Nej",
            8.0: "Vet ej",
            9.0: "Vill ej svara",
        },
        "f33": YES_NO,
        **dict.fromkeys(("f35a", "f35b", "f35x"), TICK),
    }
    path = tmp_path / "ung.sav"
    pyreadstat.write_sav(
        pd.DataFrame({**columns, **extra}), str(path), column_labels=titles, variable_value_labels=labels
    )
    return path


def test_what_is_sure_is_mapped_and_the_draft_is_a_valid_wave(tmp_path: Path) -> None:
    path, doubts = write_draft(file(tmp_path), tmp_path / "2026", QUESTIONS)
    wave = read_wave(path)

    assert wave.items["n_partner"].values == {
        "own": ("Ja, helt själv",), "conditional": ("Ja, men med villkor",), "none": ("Nej",)
    }  # fmt: skip
    assert dict(wave.items["n_leisure"].variables) == {"sports": "f35a", "evenings": "f35b", "none": "f35x"}
    assert wave.items["n_leisure"].checked == ("Markerat",)
    assert (wave.file.respondent, wave.columns.school, wave.area.column) == ("LopNr", "Skola", "Stadsdel")
    assert dict(wave.groups["sex"].labels) == {"girl": ("Flicka",), "boy": ("Pojke",)}
    assert dict(wave.groups["grade"].labels) == {"9": ("Årskurs 9",), "gy2": ("Gy 2",)}
    assert (wave.file.unsure, wave.file.declined) == (("Vet ej",), ("Vill ej svara",))
    assert "2 questions were recognised; 1 proposals are in doubt" in doubts


def test_a_question_put_the_other_way_round_is_in_doubt_and_stands_as_a_comment(tmp_path: Path) -> None:
    text, _ = propose(file(tmp_path), QUESTIONS, wave="2026")

    assert "put the other way round" in text
    assert "# [items.n_oppsex]" in text and "\n[items.n_oppsex]" not in text


def test_what_is_not_recognised_is_listed_and_not_read(tmp_path: Path) -> None:
    text, _ = propose(file(tmp_path, hobby=["ja", "nej"]), QUESTIONS, wave="2026")

    assert "#   hobby" in text


def test_every_proposal_states_its_score(tmp_path: Path) -> None:
    text, _ = propose(file(tmp_path), QUESTIONS, wave="2026")

    assert text.count("score ") >= 3


def test_an_existing_wave_is_never_overwritten(tmp_path: Path) -> None:
    survey = file(tmp_path)
    path, _ = write_draft(survey, tmp_path / "2026", QUESTIONS)
    path.write_text("mine", encoding="utf-8")

    with pytest.raises(BuildError, match="not overwritten"):
        write_draft(survey, tmp_path / "2026", QUESTIONS)
    assert path.read_text(encoding="utf-8") == "mine"


def test_no_draft_is_made_from_a_file_with_identifiers(tmp_path: Path) -> None:
    survey = file(tmp_path, kommentar=["ring 060421-9980", ""])

    with pytest.raises(PrivacyError):
        write_draft(survey, tmp_path / "2026", QUESTIONS)
    assert not (tmp_path / "2026").exists()


@pytest.mark.parametrize(
    "name", ["yrbs_nyc_2009.sav", "yrbs_nyc_2015_semicolon_latin1.csv", "yrbs_nyc_2013.dta"]
)
def test_a_draft_of_a_real_file_is_a_valid_wave(shared: Path, tmp_path: Path, name: str) -> None:
    wave = read_wave(write_draft(shared / "data" / "surveys" / name, tmp_path / "2009", QUESTIONS)[0])

    assert (wave.columns.weights, wave.columns.psu, wave.columns.strata) == ("weight", "PSU", ("stratum",))
