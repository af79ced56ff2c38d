"""Shares that move further than pupils do, where only bare codes say what was answered."""

from __future__ import annotations

import pytest

from mapping.concepts.responses import Responses
from mapping.ingest import implausible_moves, read_survey

from .conftest import MakeWave

YES_NO = '[items.n_clothes]\nvariable = "q"\nvalues = { yes = %s, no = %s }\n'
BOX = '[items.n_leisure]\nvariables = { sports = "q", none = "x" }\nchecked = %s\n'


def wave(make_wave: MakeWave, id_: str, yes: int, no: int, codes: tuple[str, str] = ("1", "2")) -> Responses:
    """A wave in which so many answered yes and no."""
    values = ["1"] * yes + ["2"] * no if codes[0] == "1" else ["Ja"] * yes + ["Nej"] * no
    return read_survey(None, make_wave({"q": values}, YES_NO % codes, id=id_, kind="csv"))


def test_a_share_that_seems_to_have_changed_places_is_noted_without_numbers(make_wave: MakeWave) -> None:
    (note,) = implausible_moves(wave(make_wave, "2024", 12, 88), wave(make_wave, "2026", 83, 17))

    assert "Item 'n_clothes'" in note
    assert "since wave 2024" in note
    assert "changed places" in note
    assert not {"12", "88", "83", "17"} & set(note.split())


def test_a_share_that_moved_far_but_fits_no_exchange_says_no_more_than_that(make_wave: MakeWave) -> None:
    (note,) = implausible_moves(wave(make_wave, "2024", 200, 0), wave(make_wave, "2026", 100, 100))

    assert "changed places" not in note


@pytest.mark.parametrize(("yes", "no"), [(30, 70), (2, 8), (24, 5)])
def test_what_pupils_or_chance_may_do_is_not_noted(make_wave: MakeWave, yes: int, no: int) -> None:
    assert implausible_moves(wave(make_wave, "2024", 12, 88), wave(make_wave, "2026", yes, no)) == []


def test_labels_that_tell_what_was_answered_need_no_such_note(make_wave: MakeWave) -> None:
    labels = ('"Ja"', '"Nej"')
    before, now = wave(make_wave, "2024", 12, 88, labels), wave(make_wave, "2026", 83, 17, labels)

    assert implausible_moves(before, now) == []


def test_bare_codes_in_either_wave_are_enough(make_wave: MakeWave) -> None:
    labelled = wave(make_wave, "2024", 12, 88, ('"Ja"', '"Nej"'))

    assert len(implausible_moves(labelled, wave(make_wave, "2026", 83, 17))) == 1


def test_boxes_are_compared_too(make_wave: MakeWave) -> None:
    def ticked(id_: str, rows: int) -> Responses:
        columns = {"q": [1] * rows + [0] * (100 - rows), "x": [0] * rows + [1] * (100 - rows)}
        return read_survey(None, make_wave(columns, BOX % 1, id=id_))

    assert len(implausible_moves(ticked("2024", 10), ticked("2026", 90))) == 1
    assert implausible_moves(ticked("2024", 10), ticked("2026", 15)) == []


def test_a_question_that_the_wave_before_lacks_is_not_compared(make_wave: MakeWave) -> None:
    other = make_wave({"p": ["1"] * 50}, (YES_NO % (1, 2)).replace("n_clothes", "n_study").replace('"q"', '"p"'),
                      id="2024", kind="csv")  # fmt: skip

    assert implausible_moves(read_survey(None, other), wave(make_wave, "2026", 83, 17)) == []


def test_a_change_of_a_few_points_is_not_noted_however_many_answered(make_wave: MakeWave) -> None:
    assert implausible_moves(wave(make_wave, "2024", 600, 4400), wave(make_wave, "2026", 1250, 3750)) == []


def test_a_far_move_among_few_answers_may_be_chance(make_wave: MakeWave) -> None:
    assert implausible_moves(wave(make_wave, "2024", 12, 88), wave(make_wave, "2026", 13, 22)) == []
