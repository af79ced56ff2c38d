"""wave.toml and the codebook must speak of the same questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.codebook import check_answers, questions
from mapping.concepts.wave import Item, SurveyFile, Wave
from mapping.errors import SettingsError

QUESTIONS = questions()


def wave(**items: Item) -> Wave:
    return Wave("2026", "s", ("", ""), "", "enrolled", SurveyFile("f.sav"), Path("2026"), items=items)


def test_known_items_boxes_and_answers_pass() -> None:
    partner = Item("f1", {"own": ("Ja",), "conditional": ("Delvis",), "none": ("Nej",)})
    leisure = Item(variables={"sports": "a", "none": "b", "declined": "c"}, checked=("Markerat",))

    check_answers(wave(n_partner=partner, n_leisure=leisure), QUESTIONS)


@pytest.mark.parametrize(
    ("name", "item", "message"),
    [
        ("n_partnr", Item("f1", {"own": ("Ja",)}), "no item 'n_partnr'. Did you mean 'n_partner'"),
        ("n_partner", Item("f1", {"yes": ("Ja",)}), "no answer 'yes'. Known: conditional, none, own"),
        (
            "n_leisure",
            Item(variables={"sport": "a"}, checked=("x",)),
            "no box 'sport'. Did you mean 'sports'",
        ),
        ("n_leisure", Item("f1", {"yes": ("Ja",)}), "takes 'variables'"),
        ("n_partner", Item(variables={"own": "a"}, checked=("x",)), "takes 'variable' and 'values'"),
        ("n_leisure", Item(variables={"none": "a"}, checked=("x",)), "at least one box besides 'none'"),
    ],
)
def test_what_the_codebook_does_not_have_is_refused(name: str, item: Item, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        check_answers(wave(**{name: item}), QUESTIONS)
