"""Weights from the register of pupils, worked by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mapping.concepts.wave import read_wave
from mapping.errors import InputError, SettingsError
from mapping.ingest import read_survey
from mapping.ingest.weights import frame_weights

SETTINGS = """schema = 1
id = "2026"
survey = "Ung"
[file]
path = "ung.csv"
[design]
school = "skola"
frame = "frame.csv"
[groups.sex]
column = "kon"
labels = { girl = "Flicka", boy = "Pojke", other = "Annat" }
[groups.grade]
column = "ak"
labels = { "9" = "9", gy2 = "Gy 2" }
[items.n_study]
variable = "f40"
values = { yes = "Ja", no = "Nej" }
"""
FRAME = """school;grade;sex;registered;present;answered
S1;9;girl;20;18;2
S1;9;boy;30;25;3
S2;9;girl;10;10;1
S2;9;boy;10;9;1
S3;9;girl;30;0;0
S3;9;boy;20;0;0
"""
ROWS = ["S1;9;Flicka;Ja"] * 2 + ["S1;9;Pojke;Nej"] * 3 + ["S2;9;Flicka;Nej", "S2;9;Pojke;Ja"]


def wave_folder(tmp_path: Path, rows: list[str], frame: str = FRAME, settings: str = SETTINGS) -> Path:
    folder = tmp_path / "2026"
    folder.mkdir(exist_ok=True)
    (folder / "wave.toml").write_text(settings, encoding="utf-8")
    (folder / "ung.csv").write_text("\n".join(["skola;ak;kon;f40", *rows]) + "\n", encoding="utf-8")
    (folder / "frame.csv").write_text(frame, encoding="utf-8")
    return folder / "wave.toml"


def test_weights_stand_for_the_register_by_grade_and_sex(tmp_path: Path) -> None:
    """By hand. Start: S1 50/5 = 10, S2 20/2 = 10. Girls: 60 registered over starts 30, factor 2, weight 20 each.

    Boys: 60 registered over starts 40, factor 1.5, weight 15 each.
    """
    found = read_survey(None, wave_folder(tmp_path, ROWS)).frame

    assert found.loc[found["sex"] == "girl", "weight"].tolist() == pytest.approx([20] * 3)
    assert found.loc[found["sex"] == "boy", "weight"].tolist() == pytest.approx([15] * 4)


def test_a_school_that_answered_less_weighs_more(tmp_path: Path) -> None:
    """By hand. Without S2's boy its start is 20/1 = 20. Girls: starts 10, 10, 20, factor 60/40 = 1.5: 15, 15, 30."""
    found = read_survey(None, wave_folder(tmp_path, ROWS[:-1])).frame

    assert sorted(found.loc[found["sex"] == "girl", "weight"]) == pytest.approx([15, 15, 30])


def test_counts_for_finite_population_corrections_come_from_the_frame(tmp_path: Path) -> None:
    found = read_survey(None, wave_folder(tmp_path, ROWS))

    assert set(found.frame["n_schools"]) == {3}  # the school that stayed away is one of them
    assert sorted(found.frame.groupby("psu")["n_registered"].first()) == [20, 50]
    totals = found.response[["registered", "present", "answered"]].sum().tolist()
    assert totals == [120, 62, 7]
    assert found.response["psu"].nunique() == 3


def test_another_sex_weighs_as_the_average_and_the_total_still_is_the_register(tmp_path: Path) -> None:
    """By hand. 8 respondents for 120: the one of another sex weighs 15, the others share 105, half to each sex."""
    found = read_survey(None, wave_folder(tmp_path, [*ROWS, "S1;9;Annat;Nej"]))
    weights = found.frame.groupby("sex")["weight"].sum()

    assert weights.to_dict() == pytest.approx({"girl": 52.5, "boy": 52.5, "other": 15})
    assert found.response["answered"].sum() == 8


def test_a_grade_without_girls_among_respondents_joins_the_sexes(tmp_path: Path) -> None:
    found = read_survey(None, wave_folder(tmp_path, [row for row in ROWS if "Flicka" not in row]))

    assert found.frame["weight"].sum() == pytest.approx(120)
    assert any("sexes together" in note for note in found.notes)


def test_a_grade_nobody_answered_joins_the_grades(tmp_path: Path) -> None:
    frame = FRAME + "S3;gy2;girl;40;0;0\n"
    found = read_survey(None, wave_folder(tmp_path, ROWS, frame))

    assert found.frame["weight"].sum() == pytest.approx(160)
    assert any("all grades together" in note for note in found.notes)


def test_an_unknown_grade_weighs_as_the_average_of_all() -> None:
    """By hand. 4 respondents for 100: unknown grade 25; the others 75 by grade, 60 and 40 of 100: 45 and 30."""
    frame = pd.DataFrame(
        {"psu": "a", "grade": ["8", "9"], "sex": "girl", "registered": [60, 40], "present": 0, "answered": 0}
    )
    respondents = pd.DataFrame({"psu": "a", "grade": ["8", "8", "9", "unknown"], "sex": "girl"})

    weights, notes = frame_weights(respondents, frame)

    assert weights.tolist() == pytest.approx([22.5, 22.5, 30, 25])
    assert len(notes) == 1


def test_levels_in_the_frame_may_be_written_as_labels(tmp_path: Path) -> None:
    frame = FRAME.replace("girl", "Flicka").replace("boy", "Pojke")

    assert read_survey(None, wave_folder(tmp_path, ROWS, frame)).frame["weight"].sum() == pytest.approx(120)


def test_a_school_missing_from_the_frame_is_refused_with_the_number_of_rows(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"column 'skola' holds schools that frame\.csv lacks, in 1 rows?"):
        read_survey(None, wave_folder(tmp_path, [*ROWS, "S9;9;Flicka;Ja"]))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("S2;9;girl;10;10;1", "S1;9;girl;10;10;1", "stand more than once, in data rows 1, 3"),
        (
            "S2;9;girl;10;10;1",
            "S2;9;girl;ten;10;1",
            "'registered' must hold whole numbers of pupils; look at data row 3",
        ),
        ("S2;9;girl;10;10;1", "S2;9;girl;-1;0;1", "whole numbers"),
        ("S2;9;girl;10;10;1", "S2;9;girl;10;11;1", "more pupils present than registered in data row 3"),
        ("S2;9;girl;10;10;1", "S2;8;girl;10;10;1", r"'grade' holds a level that \[groups.grade\].*row 3"),
        ("S2;9;girl;10;10;1", ";9;girl;10;10;1", "'school' is empty in data row 3"),
        ("registered", "elever", "the column 'registered' is missing"),
        (
            "S1;9;girl;20;18;2\nS1;9;boy;30;25;3",
            "S1;9;girl;1;1;1\nS1;9;boy;2;1;1",
            "more respondents than",
        ),
    ],
)
def test_a_faulty_frame_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in FRAME
    with pytest.raises(InputError, match=message):
        read_survey(None, wave_folder(tmp_path, ROWS, FRAME.replace(old, new)))


def test_a_frame_needs_grade_and_sex(tmp_path: Path) -> None:
    settings = SETTINGS.replace('[groups.grade]\ncolumn = "ak"\nlabels = { "9" = "9", gy2 = "Gy 2" }\n', "")

    with pytest.raises((InputError, SettingsError), match=r"\[groups\.grade\]"):
        read_survey(None, wave_folder(tmp_path, ROWS, settings=settings))


def test_both_designs_of_a_wave_name_columns_that_intake_makes(tmp_path: Path) -> None:
    path = wave_folder(tmp_path, ROWS)
    wave, frame = read_wave(path), read_survey(None, path).frame

    for target in ("pupils", "risk"):
        design = wave.design(target)
        needed = [design.psu, design.weights, design.fpc]
        names = [name for part in needed if part for name in ([part] if isinstance(part, str) else part)]
        assert set(names) <= set(frame)
