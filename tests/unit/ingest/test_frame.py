"""The register of pupils: weights worked by hand, populations kept apart, faulty frames refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.concepts.wave import read_wave
from mapping.errors import InputError, SettingsError
from mapping.ingest.survey import read_survey as read_unweighted
from mapping.pipeline import read_survey

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


def test_an_unknown_grade_weighs_as_the_average_of_all(tmp_path: Path) -> None:
    """By hand. 4 respondents for 100: unknown grade 25; the others 75 by grade, 60 and 40 of 100: 45 and 30."""
    frame = "school;grade;sex;registered;present;answered\nS1;9;girl;60;0;0\nS1;gy2;girl;40;0;0\n"
    rows = ["S1;9;Flicka;Ja", "S1;9;Flicka;Ja", "S1;Gy 2;Flicka;Ja", "S1;;Flicka;Ja"]

    found = read_survey(None, wave_folder(tmp_path, rows, frame))

    assert found.frame.groupby("grade")["weight"].apply(sorted).to_dict() == {
        "9": pytest.approx([22.5, 22.5]),
        "gy2": pytest.approx([30]),
        "unknown": pytest.approx([25]),
    }
    assert sum("average" in note for note in found.notes) == 1


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


# ---- who is counted

HOMES = SETTINGS.replace('id = "2026"', 'id = "2026"\ncounts = "COUNTS"').replace(
    "[groups.sex]",
    '[area]\nkind = "residence"\ncolumn = "omr"\nelsewhere = ["Annan kommun"]\n[groups.sex]',
)
PLACES = ["A"] * 4 + ["Annan kommun"] * 5 + [""]


def homes_folder(
    tmp_path: Path, counts: str, header: str, frame: list[str], places: list[str] = PLACES, more: str = ""
) -> Path:
    """Ten girls of one school in grade 9: four live in district A, five elsewhere, one does not say."""
    settings = HOMES.replace("COUNTS", counts).replace('frame = "frame.csv"', f'frame = "frame.csv"\n{more}')
    path = wave_folder(tmp_path, [], "\n".join([header, *frame]) + "\n", settings)
    rows = [f"S1;9;Flicka;Ja;{place}" for place in places]
    (path.parent / "ung.csv").write_text("\n".join(["skola;ak;kon;f40;omr", *rows]) + "\n", encoding="utf-8")
    return path


PLAIN = "school;grade;sex;registered;present;answered"
HOME = "school;grade;sex;home;registered;present;answered"


def test_the_enrolled_are_all_calibrated_wherever_they_live(tmp_path: Path) -> None:
    found = read_survey(None, homes_folder(tmp_path, "enrolled", PLAIN, ["S1;9;girl;100;90;10"]))

    assert found.frame["weight"].tolist() == pytest.approx([10] * 10)


def test_only_residents_are_calibrated_to_a_register_of_residents(tmp_path: Path) -> None:
    """The five from elsewhere are none of the 50 residents; who left the district blank is one of them."""
    found = read_survey(None, homes_folder(tmp_path, "resident", PLAIN, ["S1;9;girl;50;45;5"]))

    assert found.frame["weight"].tolist() == pytest.approx([10] * 5)
    assert found.frame["weight"].sum() == pytest.approx(50)
    assert set(found.frame["n_registered"]) == {50}
    assert any("5 respondents live elsewhere and were left out" in note for note in found.notes)


def test_few_respondents_from_elsewhere_are_not_counted_out_in_a_note(tmp_path: Path) -> None:
    places = ["A"] * 8 + ["Annan kommun"] * 2
    found = read_survey(None, homes_folder(tmp_path, "resident", PLAIN, ["S1;9;girl;50;45;5"], places))

    assert any("fewer than 5 respondents live elsewhere" in note for note in found.notes)


def test_residents_cannot_be_told_apart_where_homes_are_not_asked(tmp_path: Path) -> None:
    settings = SETTINGS.replace('id = "2026"', 'id = "2026"\ncounts = "resident"')
    found = read_survey(None, wave_folder(tmp_path, ROWS, settings=settings))

    assert len(found.frame) == len(ROWS)
    assert any("taken for residents" in note for note in found.notes)


def test_a_frame_with_pupils_from_elsewhere_contradicts_residents(tmp_path: Path) -> None:
    path = homes_folder(tmp_path, "resident", HOME, ["S1;9;girl;0199;50;45;5", "S1;9;girl;180;50;45;5"])

    with pytest.raises(
        InputError, match=r'frame\.csv: data row 2 count pupils who live elsewhere.*"enrolled"'
    ):
        read_survey(None, path, municipality="0199")


def test_a_frame_of_residents_contradicts_the_enrolled(tmp_path: Path) -> None:
    path = homes_folder(tmp_path, "enrolled", HOME, ["S1;9;girl;199;100;90;10"])

    with pytest.raises(InputError, match=r'counts nobody who lives elsewhere.*counts = "resident"'):
        read_survey(None, path, municipality="0199")


def test_homes_in_the_frame_add_up_for_the_enrolled_and_response_is_told_by_home(tmp_path: Path) -> None:
    path = homes_folder(tmp_path, "enrolled", HOME, ["S1;9;girl;0199;50;45;5", "S1;9;girl;0180;50;45;5"])
    found = read_survey(None, path, municipality="0199")

    assert found.frame["weight"].sum() == pytest.approx(100)
    told = found.response.groupby("area")[["registered", "answered"]].sum()
    assert told.loc["here"].tolist() == [50, 4]
    assert told.loc["elsewhere"].tolist() == [50, 6]


def test_raking_takes_homes_as_a_margin(tmp_path: Path) -> None:
    """By hand. Here 75 pupils and 4 answers: 18.75 each; elsewhere (and unknown) 25 and 6: 25 / 6 each."""
    path = homes_folder(
        tmp_path,
        "enrolled",
        HOME,
        ["S1;9;girl;0199;75;45;5", "S1;9;girl;0180;25;25;5"],
        more='calibrate = "raking"',
    )
    found = read_survey(None, path, municipality="0199").frame

    assert found.loc[found["area"] == "A", "weight"].tolist() == pytest.approx([18.75] * 4)
    assert found.loc[found["area"] == "elsewhere", "weight"].tolist() == pytest.approx([25 / 6] * 6)


def test_a_home_that_is_no_municipality_is_refused(tmp_path: Path) -> None:
    path = homes_folder(tmp_path, "enrolled", HOME, ["S1;9;girl;Staden;50;45;5"])

    with pytest.raises(InputError, match=r"'home' must hold a municipality's code of four digits.*row 1"):
        read_survey(None, path, municipality="0199")


def test_a_district_that_the_geography_lacks_is_refused(tmp_path: Path) -> None:
    header = HOME.replace("home", "district")
    path = homes_folder(tmp_path, "enrolled", header, ["S1;9;girl;A;50;45;5", "S1;9;girl;Z;50;45;5"])

    with pytest.raises(
        InputError, match=r"'district' holds codes that the geography does not have, in data row 2"
    ):
        read_survey(None, path, districts={"A", "B"})


def test_the_same_school_and_home_twice_is_refused(tmp_path: Path) -> None:
    path = homes_folder(tmp_path, "enrolled", HOME, ["S1;9;girl;0199;50;45;5", "S1;9;girl;0199;50;45;5"])

    with pytest.raises(InputError, match="stand more than once, in data rows 1, 2"):
        read_survey(None, path, municipality="0199")


def test_intake_alone_makes_no_weights_from_a_frame(tmp_path: Path) -> None:
    assert "weight" not in read_unweighted(None, wave_folder(tmp_path, ROWS)).frame
