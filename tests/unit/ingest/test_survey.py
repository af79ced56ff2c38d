"""A wave as a whole: keys, design, districts, weights, and what is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.errors import InputError, SettingsError
from mapping.ingest import read_survey

from .conftest import PARTNER, PARTNER_LABELS, MakeWave

LABELS = {"f31": PARTNER_LABELS}
AREA = '[area]\nkind = "residence"\ncolumn = "stadsdel"\ngeography = "g"\n'
N = 40


def test_only_named_columns_are_kept(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0, 3.0], "kommentar": ["hej", ""], "f99": [1.0, 2.0]}, labels=LABELS)

    frame = read_survey(None, wave).frame

    assert list(frame) == ["respondent", "area", "n_partner", "weight"]


def test_nothing_of_the_file_shows_in_the_repr(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0, 3.0]}, labels=LABELS)

    assert repr(read_survey(None, wave)) == "Responses(wave='2026')"


def test_schools_keep_their_pseudonym_across_waves_under_one_key(make_wave: MakeWave) -> None:
    settings = '[design]\nschool = "skola"\n' + PARTNER
    waves = [
        make_wave({"f31": [1.0], "skola": [s]}, settings, labels=LABELS, id=i)
        for s, i in [("S1 ", "2024"), ("s1", "2026")]
    ]

    first, second = (read_survey(None, wave, key=b"k").frame["psu"].iloc[0] for wave in waves)
    other = read_survey(None, waves[0], key=b"another").frame["psu"].iloc[0]

    assert first == second != other
    assert "s1" not in first.casefold()


def test_respondents_are_not_recognisable_across_waves(make_wave: MakeWave) -> None:
    keys = 'respondent = "lopnr"'
    waves = [
        make_wave({"f31": [1.0], "lopnr": [7.0]}, labels=LABELS, id=i, file_keys=keys)
        for i in ("2024", "2026")
    ]

    first, second = (read_survey(None, wave, key=b"k").frame["respondent"].iloc[0] for wave in waves)

    assert first != second


def test_rows_come_out_in_an_order_that_only_the_key_decides(make_wave: MakeWave) -> None:
    wave = make_wave(
        {"f31": [1.0] * N, "lopnr": [float(i) for i in range(N)]},
        labels=LABELS,
        file_keys='respondent = "lopnr"',
    )

    one, again, other = (read_survey(None, wave, key=key).frame for key in (b"k", b"k", b"j"))

    assert one.equals(again)
    assert not one["respondent"].equals(other["respondent"])
    assert one["respondent"].is_monotonic_increasing


def test_a_repeated_running_number_is_refused_with_its_rows(make_wave: MakeWave) -> None:
    wave = make_wave(
        {"f31": [1.0] * 3, "lopnr": ["a", "b", "a"]}, labels=LABELS, file_keys='respondent = "lopnr"'
    )

    with pytest.raises(InputError, match=r"'lopnr' repeats a running number, in data rows 1, 3"):
        read_survey(None, wave)


def test_crossed_strata_are_joined_as_text(make_wave: MakeWave) -> None:
    settings = '[design]\nstrata = ["d", "s"]\npsu = "p"\n' + PARTNER
    wave = make_wave({"f31": [1.0], "d": ["Bronx"], "s": [1234567.0], "p": [2.0]}, settings, labels=LABELS)

    assert read_survey(None, wave).frame["stratum"].tolist() == ["bronx*1234567"]


def test_a_gap_in_the_design_is_refused(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0, 1.0], "p": ["a", ""]}, '[design]\npsu = "p"\n' + PARTNER, labels=LABELS)

    with pytest.raises(InputError, match=r"'p' is empty in data row 2"):
        read_survey(None, wave)


def test_district_codes_are_spelled_as_the_geography_spells_them(make_wave: MakeWave) -> None:
    wave = make_wave(
        {"f31": [1.0] * 4, "stadsdel": ["0188a", " 0188A", "staten  island", ""]},
        AREA + PARTNER,
        labels=LABELS,
    )

    found = read_survey(None, wave, districts={"0188A", "Staten Island"}).frame

    assert sorted(found["area"]) == ["0188A", "0188A", "Staten Island", "elsewhere"]


def test_a_code_that_lost_its_zeros_in_a_number_is_found(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0], "stadsdel": [101.0]}, AREA + PARTNER, labels=LABELS)

    assert read_survey(None, wave, districts={"0101", "0102"}).frame["area"].tolist() == ["0101"]


def test_districts_may_stand_as_labels(make_wave: MakeWave) -> None:
    labels = LABELS | {"stadsdel": {1.0: "Norr", 2.0: "Söder"}}
    wave = make_wave({"f31": [1.0], "stadsdel": [2.0]}, AREA + PARTNER, labels=labels)

    assert read_survey(None, wave, districts={"Norr", "Söder"}).frame["area"].tolist() == ["Söder"]


def test_unknown_districts_are_refused_with_count_and_frequent_codes_only(make_wave: MakeWave) -> None:
    wave = make_wave(
        {"f31": [1.0] * 8, "stadsdel": ["A", *["ZZ9"] * 5, "Q1", "Q1"]}, AREA + PARTNER, labels=LABELS
    )

    with pytest.raises(InputError) as caught:
        read_survey(None, wave, districts={"A"})

    message = str(caught.value)
    assert (
        "column 'stadsdel'" in message
        and "7 rows" in message
        and "'ZZ9'" in message
        and "elsewhere" in message
    )
    assert "Q1" not in message


def test_places_called_elsewhere_are_no_district(make_wave: MakeWave) -> None:
    area = AREA + 'elsewhere = ["Annan kommun", 99]\n'
    wave = make_wave(
        {"f31": [1.0] * 3, "stadsdel": ["A", "annan kommun", "99"]}, area + PARTNER, labels=LABELS
    )

    assert sorted(read_survey(None, wave, districts={"A"}).frame["area"]) == ["A", "elsewhere", "elsewhere"]


def test_a_district_wins_over_a_missing_code_of_the_same_number(make_wave: MakeWave) -> None:
    wave = make_wave(
        {"f31": [1.0, 1.0], "stadsdel": [88.0, 89.0]},
        AREA + PARTNER,
        labels=LABELS,
        file_keys="missing = [88, 89]",
    )

    assert sorted(read_survey(None, wave, districts={"88"}).frame["area"]) == ["88", "elsewhere"]


def test_given_weights_are_used_as_they_are(make_wave: MakeWave) -> None:
    wave = make_wave(
        {"f31": ["Ja", "Nej"], "vikt": ["1,5", "2,25"]}, '[design]\nweights = "vikt"\n' + PARTNER, kind="csv"
    )

    assert sorted(read_survey(None, wave).frame["weight"]) == [1.5, 2.25]


def test_without_weights_everybody_counts_as_one_and_the_note_says_so(make_wave: MakeWave) -> None:
    found = read_survey(None, make_wave({"f31": [1.0, 3.0]}, labels=LABELS))

    assert found.frame["weight"].tolist() == [1.0, 1.0]
    assert any("counts as one" in note for note in found.notes)


@pytest.mark.parametrize("name", ["../2024/ung.sav", "/etc/passwd"])
def test_a_path_that_leaves_the_folder_is_refused(make_wave: MakeWave, name: str) -> None:
    wave = make_wave({"f31": [1.0]}, labels=LABELS)
    toml = wave.folder / "wave.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('"ung.sav"', f'"{name}"'), encoding="utf-8")

    with pytest.raises(SettingsError, match="must lie in the wave's own folder"):
        read_survey(None, toml)


def test_a_file_other_than_the_one_stated_is_refused(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0]}, labels=LABELS, file_keys=f'sha256 = "{"0" * 64}"')

    with pytest.raises(InputError, match="checksum differs"):
        read_survey(None, wave)


def test_a_file_that_is_not_there_is_named(make_wave: MakeWave) -> None:
    wave = make_wave({"f31": [1.0]}, labels=LABELS)
    Path(wave.folder, "ung.sav").unlink()

    with pytest.raises(InputError, match=r"ung\.sav: there is no such file in 2026/"):
        read_survey(None, wave)
