"""Multiple responses and background groups."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from mapping.errors import InputError, SettingsError
from mapping.ingest import read_survey

from .conftest import MakeWave

BOXES = """
[items.n_leisure]
variables = {{ sports = "a", friends = "b", none = "x" }}
checked = {checked}
"""


def boxes(
    make_wave: MakeWave, rows: list[tuple[Any, Any, Any]], checked: str, **options: Any
) -> pd.DataFrame:
    """The boxes of each row, in the order of the rows."""
    frame = pd.DataFrame(rows, columns=["a", "b", "x"]).assign(lopnr=[f"r{i}" for i in range(len(rows))])
    keys = 'respondent = "lopnr"\nunsure = ["Vet ej"]\nmissing = [9]'
    settings = BOXES.format(checked=checked) + options.pop("more", "")
    wave = make_wave(dict(frame), settings, file_keys=keys, **options)
    responses = read_survey(None, wave)
    from mapping.ingest.keys import NO_KEY, pseudonyms

    order = pseudonyms(frame["lopnr"], "respondent 2026", NO_KEY)
    found = responses.frame.set_index("respondent").loc[order]
    return found[["n_leisure_sports", "n_leisure_friends", "n_leisure_none"]].reset_index(drop=True)


@pytest.mark.parametrize(
    ("ticked", "empty", "checked", "labels"),
    [
        (1.0, 0.0, '"Markerat"', {1.0: "Markerat", 0.0: "Ej markerat"}),
        (1.0, None, "1", None),
        (1.0, 0.0, "1", None),
        (1.0, 2.0, "1", None),
        (1.0, 2.0, '"Ja"', {1.0: "Ja", 2.0: "Nej"}),
    ],
)
def test_boxes_of_every_coding_are_read(
    make_wave: MakeWave, ticked: float, empty: float | None, checked: str, labels: dict[float, str] | None
) -> None:
    every = dict.fromkeys("abx", labels) if labels else None
    rows = [(ticked, empty, empty), (empty, empty, ticked), (empty, empty, empty)]

    found = boxes(make_wave, rows, checked, labels=every)

    assert found.to_numpy().tolist() == [["yes", "no", "no"], ["no", "no", "yes"], ["skipped"] * 3]


def test_text_boxes_hold_the_option_or_nothing(make_wave: MakeWave) -> None:
    rows = [("Idrott", "", ""), ("", "Kompisar", ""), ("", "", "Inget")]

    found = boxes(make_wave, rows, '["Idrott", "Kompisar", "Inget"]', kind="csv")

    assert (found == "yes").sum(axis=1).tolist() == [1, 1, 1]


def test_a_reason_in_any_box_is_the_reason_for_all_of_them_where_none_is_ticked(make_wave: MakeWave) -> None:
    labels = {column: {1.0: "Markerat", 8.0: "Vet ej", 9.0: "Ej svar"} for column in "abx"}
    rows = [(None, 8.0, 9.0), (1.0, 8.0, None)]

    found = boxes(make_wave, rows, '"Markerat"', labels=labels)

    assert found.to_numpy().tolist() == [["unsure"] * 3, ["yes", "unsure", "no"]]


def test_none_beside_another_box_gives_way_and_is_noted(make_wave: MakeWave) -> None:
    wave = make_wave({"a": [1.0], "b": [None], "x": [1.0]}, BOXES.format(checked="1"))

    found = read_survey(None, wave)

    assert found.frame["n_leisure_sports"].tolist() == ["yes"]
    assert any("both 'none'" in note for note in found.notes)


def test_a_box_for_not_wanting_to_answer_declines_the_whole_question(make_wave: MakeWave) -> None:
    settings = BOXES.format(checked="1").replace('none = "x"', 'none = "x", declined = "y"')
    wave = make_wave({"a": [None], "b": [None], "x": [None], "y": [1.0]}, settings)

    found = read_survey(None, wave).frame

    assert found[["n_leisure_sports", "n_leisure_none"]].to_numpy().tolist() == [["declined", "declined"]]
    assert "n_leisure_declined" not in found


def test_an_unknown_label_in_a_box_is_refused_unless_called_unchecked(make_wave: MakeWave) -> None:
    labels = {column: {1.0: "Markerat", 0.0: "Tom"} for column in "abx"}
    rows = [(1.0, 0.0, 0.0)]

    with pytest.raises(InputError, match="'Tom'"):
        boxes(make_wave, rows, '"Markerat"', labels=labels)
    found = boxes(make_wave, rows, '"Markerat"', labels=labels, more='unchecked = "Tom"\n')
    assert found.to_numpy().tolist() == [["yes", "no", "no"]]


GROUPS = """
[groups.sex]
column = "kon"
labels = { girl = ["Flicka", "Tjej"], boy = "Pojke", other = ["Annat", "Vill ej svara"] }
"""


def test_a_level_may_be_called_what_elsewhere_is_no_answer(make_wave: MakeWave) -> None:
    labels = {"kon": {1.0: "Flicka", 2.0: "Pojke", 3.0: "Vill ej svara"}}
    wave = make_wave({"kon": [1.0, 2.0, 3.0, None]}, GROUPS, labels=labels)

    assert sorted(read_survey(None, wave).frame["sex"]) == ["boy", "girl", "other", "unknown"]


def test_a_level_without_explanation_is_refused(make_wave: MakeWave) -> None:
    wave = make_wave({"kon": [1.0, 4.0]}, GROUPS, labels={"kon": {1.0: "Flicka", 4.0: "Hen"}})

    with pytest.raises(InputError, match=r"'Hen'.*\[groups\.sex\]"):
        read_survey(None, wave)


@pytest.mark.parametrize(
    ("name", "column", "label"),
    [
        ("birth", "v9", "Sverige"),
        ("x", "fodelseland", "Ja"),
        ("x", "v9", "Född i Sverige"),
        ("religion", "v9", "Ja"),
    ],
)
def test_background_is_refused_whatever_the_column_is_called(
    make_wave: MakeWave, name: str, column: str, label: str
) -> None:
    name = "födelseland" if name == "birth" else name
    settings = f'[groups."{name}"]\ncolumn = "{column}"\nlabels = {{ a = "{label}" }}'
    wave = make_wave({column: [1.0]}, settings, labels={column: {1.0: label}})

    with pytest.raises(SettingsError, match="never shown by birth country, faith or language"):
        read_survey(None, wave)
