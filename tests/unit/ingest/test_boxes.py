"""Multiple responses in every way that files write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mapping.concepts.wave import Wave
from mapping.errors import InputError, SettingsError
from mapping.ingest import read_survey
from mapping.ingest.keys import NO_KEY, pseudonyms

from .conftest import MakeWave

NAMES = ["sports", "friends", "none"]
OWN = 'boxes = { sports = "Idrott", friends = ["Kompisar", "Träffa vänner, ute"], none = "Inget av detta" }\n'
BY_COLUMN = '[items.n_leisure]\nvariables = { sports = "a", friends = "b", none = "x" }\n'
IN_TURN = '[items.n_leisure]\nvariables = ["a", "b", "x"]\n' + OWN
IN_A_CELL = '[items.n_leisure]\nvariable = "f"\n' + OWN
KEYS = 'respondent = "lopnr"\nunsure = ["Vet ej"]\nmissing = [9]'


def answers(make_wave: MakeWave, columns: dict[str, list[Any]], settings: str, **options: Any) -> list[str]:
    """The boxes of each row in the order of the rows: Y, N, or ?, -, s for unsure, declined, skipped."""
    numbers = pd.Series([f"r{i}" for i in range(len(next(iter(columns.values()))))])
    wave = make_wave({**columns, "lopnr": numbers}, settings, file_keys=KEYS, **options)
    found = read_survey(None, wave).frame.set_index("respondent")
    rows = found.loc[pseudonyms(numbers, "respondent 2026", NO_KEY), [f"n_leisure_{box}" for box in NAMES]]
    short = {"yes": "Y", "no": "N", "unsure": "?", "declined": "-", "skipped": "s"}
    return ["".join(short[answer] for answer in row) for row in rows.to_numpy()]


def in_columns(*rows: tuple[Any, Any, Any]) -> dict[str, list[Any]]:
    """Rows of three boxes as the columns a, b and x."""
    return {name: [row[at] for row in rows] for at, name in enumerate("abx")}


@pytest.mark.parametrize("checked", ['"x"', '"Ja"', '["x", "Kryss"]', '"Markerat"', "1"])
def test_a_tick_may_be_any_mark(make_wave: MakeWave, checked: str) -> None:
    mark = checked.strip('["').split('"')[0].upper()
    found = answers(
        make_wave,
        in_columns((mark, "", ""), ("", "", f" {mark} "), ("", "", "")),
        f"{BY_COLUMN}checked = {checked}\n",
        kind="csv",
    )

    assert found == ["YNN", "NNY", "sss"]


def test_a_box_of_its_own_column_may_hold_its_own_text(make_wave: MakeWave) -> None:
    rows = in_columns(("Idrott", "Kompisar", ""), ("", "Träffa vänner, ute", ""), ("", "", ""))

    assert answers(make_wave, rows, BY_COLUMN + OWN, kind="csv") == ["YYN", "NYN", "sss"]


def test_the_text_of_another_box_does_not_tick_this_one(make_wave: MakeWave) -> None:
    rows = in_columns(*[("Kompisar", "", "")] * 6)

    with pytest.raises(InputError, match=r"column 'a'.*'Kompisar'"):
        answers(make_wave, rows, BY_COLUMN + OWN, kind="csv")


def test_columns_may_hold_the_first_and_the_next_choice(make_wave: MakeWave) -> None:
    texts = {1.0: "Idrott", 2.0: "Kompisar", 3.0: "Inget av detta", 8.0: "Vet ej"}
    labels = {"a": texts, "b": texts, "x": texts}
    rows = in_columns(
        (2.0, 1.0, None), (2.0, None, 9.0), (3.0, None, None), (None, None, None), (8.0, None, None)
    )

    assert answers(make_wave, rows, IN_TURN, labels=labels) == ["YYN", "NYN", "NNY", "sss", "???"]


@pytest.mark.parametrize("separator", [";", ",", ", ", "|"])
def test_a_cell_may_hold_several_choices(make_wave: MakeWave, separator: str) -> None:
    cells = ["Idrott", "Idrott;Träffa vänner, ute", "", ";", "Inget av detta", "idrott ; kompisar;", "Vet ej"]
    cells = [cell.replace(";", separator) for cell in cells]

    found = answers(make_wave, {"f": cells}, f'{IN_A_CELL}separator = "{separator}"\n', kind="tsv")

    assert found == ["YNN", "YYN", "sss", "sss", "NNY", "YYN", "???"]


def test_a_cell_may_hold_several_codes(make_wave: MakeWave) -> None:
    settings = (
        '[items.n_leisure]\nvariable = "f"\nboxes = { sports = 1, friends = 2, none = 3 }\nseparator = ","\n'
    )

    assert answers(make_wave, {"f": ["1,2", "3", "2", "9"]}, settings, kind="tsv") == [
        "YYN",
        "NNY",
        "NYN",
        "sss",
    ]


def test_one_choice_a_cell_needs_no_separator(make_wave: MakeWave) -> None:
    assert answers(make_wave, {"f": ["Idrott", "", "Vet ej"]}, IN_A_CELL, kind="csv") == ["YNN", "sss", "???"]


def test_a_text_among_choices_that_nothing_explains_is_refused_and_not_shown(make_wave: MakeWave) -> None:
    cells = ["Idrott"] * 6 + ["Idrott;min morbror"] * 2

    with pytest.raises(InputError, match=r"column 'f'.*in 2 rows.*\[items\.n_leisure\]") as caught:
        answers(make_wave, {"f": cells}, f'{IN_A_CELL}separator = ";"\n', kind="csv")

    assert "morbror" not in str(caught.value)


def test_labels_that_can_be_cut_in_two_ways_are_refused(make_wave: MakeWave) -> None:
    settings = (
        '[items.n_leisure]\nvariable = "f"\nseparator = ","\n'
        'boxes = { sports = "A", friends = "B", none = "A, B" }\n'
    )

    with pytest.raises(InputError, match=r"column 'f'.*more than one way"):
        answers(make_wave, {"f": ["A, B"]}, settings, kind="tsv")


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        ('{ sports = "Idrott", friends = "IDROTT" }', "'sports'"),
        ('{ sports = "Idrott", friends = "Vet ej" }', "unsure"),
        ('{ sports = "Idrott", friends = "Vill ej svara" }', "declined"),
    ],
)
def test_a_label_stands_for_one_box_and_never_for_not_knowing(
    make_wave: MakeWave, boxes: str, said: str
) -> None:
    wave = make_wave({"f": ["Idrott"]}, f'[items.n_leisure]\nvariable = "f"\nboxes = {boxes}\n', kind="csv")

    with pytest.raises(SettingsError, match=said):
        read_survey(None, wave)


def noted(make_wave: MakeWave, rows: int) -> Wave:
    columns = in_columns(*[(1.0, None, 1.0)] * rows, (None, None, 1.0))
    return make_wave(columns, f"{BY_COLUMN}checked = 1\n")


def test_none_beside_another_box_is_counted_and_does_not_count(make_wave: MakeWave) -> None:
    found = read_survey(None, noted(make_wave, 5))

    assert (
        "Item 'n_leisure': 5 respondents ticked both 'none' and another box; the other box counts."
        in found.notes
    )
    others = found.frame[["n_leisure_sports", "n_leisure_friends"]].eq("yes").any(axis=1)
    assert (found.frame["n_leisure_none"].eq("yes") == ~others).all()


def test_few_contradictions_are_not_counted_out(make_wave: MakeWave) -> None:
    notes = " ".join(read_survey(None, noted(make_wave, 4)).notes)

    assert "fewer than 5 respondents ticked both" in notes


def test_a_blank_among_marked_boxes_is_skipped_not_no(make_wave: MakeWave) -> None:
    rows = in_columns((1.0, None, 0.0), (1.0, 9.0, None), (None, None, 1.0), (0.0, 0.0, 0.0))

    assert answers(make_wave, rows, f"{BY_COLUMN}checked = 1\n") == ["YsN", "YsN", "NNY", "sss"]


def test_boxes_beside_a_ticked_unsure_are_unsure(make_wave: MakeWave) -> None:
    settings = BY_COLUMN.replace(" }", ', unsure = "u" }') + "checked = 1\n"
    columns = {**in_columns((1.0, None, None), (None, None, None), (None, None, 1.0)), "u": [1.0, 1.0, None]}

    assert answers(make_wave, columns, settings) == ["Y?N", "???", "NNY"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('variables = ["a", "b"]', "'boxes' is missing"),
        ('variables = { sports = "a" }', "'checked' is missing"),
        ('variables = { sports = "a", none = "x" }\nboxes = { sports = "Idrott" }', "'checked' is missing"),
        ('variables = { sports = "a" }\nchecked = 1\nboxes = { friends = "B" }', "no column|has no column"),
        ('variable = "a"\nboxes = { sports = 1 }\nvalues = { yes = 1 }', "one answer"),
        ('variable = "a"\nboxes = { sports = 1 }\nchecked = 1', "leave them out"),
        ('variables = ["a", "b"]\nboxes = { sports = 1 }\nseparator = ";"', "'separator' is for one"),
        ('variable = "a"\nboxes = { sports = 1 }\nseparator = " "', "must be a sign"),
        ('variable = "a"\nvariables = ["a"]\nboxes = { sports = 1 }', "either 'variable'"),
        ("variables = []\nboxes = { sports = 1 }", "either 'variable'"),
    ],
)
def test_settings_that_do_not_say_how_boxes_are_written_are_refused(
    make_wave: MakeWave, settings: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        make_wave({"a": [1.0]}, f"[items.n_leisure]\n{settings}\n")


def test_the_documented_ways_are_read(make_wave: MakeWave, root: Path) -> None:
    text = (root / "docs" / "workspace.md").read_text(encoding="utf-8")
    shown = text.split("<!-- ways to write a multiple response -->\n```toml\n")[1].split("```")[0]

    items = make_wave({"f35a": [1.0]}, shown).items

    assert {len(item.offered) for item in items.values()} == {3}
    assert [len(item.columns) for item in items.values()] == [3, 3, 3, 1]


def test_a_text_that_the_file_declares_missing_is_skipped_among_choices(make_wave: MakeWave) -> None:
    found = answers(
        make_wave, {"f": ["Idrott", "XX"]}, f'{IN_A_CELL}separator = ";"\n', missing={"f": ["XX"]}
    )

    assert found == ["YNN", "sss"]
