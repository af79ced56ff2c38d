"""Respondents who cannot be are found, counted, and named by file, column and row; never by what they said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mapping.concepts.wave import Wave, read_wave
from mapping.errors import InputError, PrivacyError, SettingsError
from mapping.ingest import read_survey
from mapping.ingest.survey import inside

MakeWave = Callable[..., Wave]
STUDY = '[items.n_study]\nvariable = "f31"\nvalues = { yes = 1, no = 2 }\n'
MARRIED = '[items.n_married]\nvariable = "f32"\nvalues = { yes = 1, no = 2 }\n'
DAYS = 'fieldwork = ["2026-03-01", "2026-03-31"]\n'


def with_days(make_wave: MakeWave, columns: dict[str, list[object]], checks: str) -> Wave:
    wave = make_wave(columns, STUDY + MARRIED + f"[checks]\n{checks}\n")
    file = wave.folder / "wave.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("[file]", DAYS + "[file]", 1), encoding="utf-8")
    return read_wave(file)


ANSWERS: dict[str, list[object]] = {"f31": [1.0, 2.0, 1.0, 2.0], "f32": [2.0, 2.0, 1.0, 2.0]}


@pytest.mark.parametrize(
    ("column", "values", "checks", "message"),
    [
        (
            "alder",
            [15.0, 99.0, 16.0, None],
            'age = "alder"',
            "'alder' gives an age outside 5–25 years in data row 2",
        ),
        (
            "fodd",
            [2010.0, 2011.0, 1876.0, 2026.0],
            'birth_year = "fodd"',
            "'fodd' gives an age .* in data rows 3, 4",
        ),
        (
            "alder",
            [15.0, 12.0, 16.0, 14.0],
            'age = "alder"\nages = [13, 20]',
            "outside 13–20 years in data row 2",
        ),
        (
            "dag",
            ["2026-03-02", "2999-01-01", "", "2026-03-03"],
            'answered = "dag"',
            "has not come yet in data row 2",
        ),
    ],
)
def test_what_cannot_be_stops_the_intake(
    make_wave: MakeWave, column: str, values: list[object], checks: str, message: str
) -> None:
    wave = with_days(make_wave, ANSWERS | {column: values}, checks)

    with pytest.raises(InputError, match=message) as caught:
        read_survey(None, wave)

    assert not any(value in str(caught.value) for value in ("99 ", "1876", "2999"))


def test_answers_outside_the_fieldwork_are_noted(make_wave: MakeWave) -> None:
    found = read_survey(
        None, with_days(make_wave, ANSWERS | {"dag": ["2026-03-02"] * 3 + ["2026-02-01"]}, 'answered = "dag"')
    )

    assert any("Fewer than 5 respondents answered outside" in note for note in found.notes)


@pytest.mark.parametrize(("drop", "left"), [("", 4), ("drop = true\n", 3)])
def test_jokes_are_counted_and_left_out_only_if_the_sidecar_says_so(
    make_wave: MakeWave, drop: str, left: int
) -> None:
    joke = f'[[checks.jokes]]\nname = "allt"\n{drop}answers = {{ n_study = "yes", n_married = "yes" }}\n'
    found = read_survey(None, make_wave(ANSWERS, STUDY + MARRIED + joke))

    assert len(found.frame) == left
    assert any("Fewer than 5 respondents match the pattern 'allt'" in note for note in found.notes)


def test_a_pattern_that_asks_for_another_item_is_refused(make_wave: MakeWave) -> None:
    joke = '[[checks.jokes]]\nname = "allt"\nanswers = { n_sleep = "yes" }\n'

    with pytest.raises(SettingsError, match="asks for 'n_sleep', which is no item"):
        read_survey(None, make_wave(ANSWERS, STUDY + MARRIED + joke))


def test_a_wave_in_which_nobody_answered_anything_is_refused(make_wave: MakeWave) -> None:
    with pytest.raises(InputError, match="no item has a single answer"):
        read_survey(None, make_wave({"f31": [None] * 9, "f32": [None] * 9}, STUDY + MARRIED))


def test_rows_that_are_alike_beyond_chance_are_noted_and_kept(make_wave: MakeWave) -> None:
    names = [f"n_item{place}" for place in range(12)]
    settings = '[design]\nclass = "klass"\n' + "".join(
        f'[items.{name}]\nvariable = "{name}"\nvalues = {{ yes = 1, no = 2 }}\n' for name in names
    )
    columns: dict[str, list[object]] = {
        name: [1.0 if (row * (place + 3) + row // 7) % 5 == 0 else 2.0 for row in range(60)]
        + [1.0, 2.0][place % 2 :][:1] * 6
        for place, name in enumerate(names)
    }
    columns["klass"] = [f"9{'ABCD'[row % 4]}" for row in range(60)] + ["9A"] * 6

    found = read_survey(None, make_wave(columns, settings))

    assert any("respondents are alike in class" in note for note in found.notes)
    assert len(found.frame) == 66


def test_free_text_named_as_an_item_is_refused(make_wave: MakeWave) -> None:
    own = [f"det var i skolan som allting {i} började för mig" for i in range(12)]

    with pytest.raises(PrivacyError, match=r"'f31' holds free text \(12 rows\)"):
        read_survey(None, make_wave({"f31": own}, STUDY))


@pytest.mark.parametrize(
    "name",
    [
        *("../ung.sav", "/etc/passwd", "a/../../x", "..\\ung.sav", "C:\\ung.sav", "C:ung.sav", "ung\x00.sav"),
        *("ut/ung.sav", "ut", "CON", "nul.csv", "a/LPT1.txt", "ung.sav:dold"),
    ],
)
def test_a_name_that_leads_out_of_the_wave_or_that_no_system_bears_is_refused(
    make_wave: MakeWave, tmp_path: Path, name: str
) -> None:
    wave = make_wave({"f31": [1.0]})
    (wave.folder / "ut").symlink_to(tmp_path.parent)

    with pytest.raises(SettingsError) as caught:
        inside(wave, name)

    assert "\x00" not in str(caught.value)


def test_an_ordinary_name_is_where_it_says(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0]})

    assert inside(wave, "ung.sav") == wave.folder / "ung.sav"
    assert inside(wave, "del/ung år 2.csv") == wave.folder / "del" / "ung år 2.csv"
