"""What a publication may ask for: each indicator known, counted, and said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping import codebook
from mapping.concepts.municipality import Publication
from mapping.errors import SettingsError
from mapping.workspace import chosen_indicators

INDICATORS = codebook.load()


def publication(*ids: str) -> Publication:
    return Publication(ids, (), ("municipality",), {}, 1)


def test_a_star_stands_for_an_indicator_and_its_categories() -> None:
    assert chosen_indicators(publication("S04", "S14.*", "S14.3"), INDICATORS) == (
        "S04", "S14", "S14.2", "S14.3", "S14.4", "S14.5", "S14.6",
    )  # fmt: skip


def test_a_star_leaves_out_who_is_in_no_category() -> None:
    assert "S06.none" not in chosen_indicators(publication("S06.*"), INDICATORS)


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        (["S99"], "'S99' is in neither the codebook nor indicators/"),
        (["S99.*"], "'S99' is in neither"),
        (["S06", "S06.none"], "'S06.none' is 'S06' turned round"),
    ],
)
def test_what_cannot_be_published_is_refused_by_name(ids: list[str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        chosen_indicators(publication(*ids), INDICATORS)


def test_every_indicator_of_cases_can_be_published() -> None:
    ids = [id_ for id_, indicator in INDICATORS.items() if indicator.side == "case"]

    assert list(chosen_indicators(publication(*ids), INDICATORS)) == ids


def test_the_example_in_the_documents_can_be_published(root: Path) -> None:
    text = (root / "docs" / "workspace.md").read_text(encoding="utf-8")
    assert '"S14.*"' in text
