"""Indicators for tests of estimation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from mapping.concepts.indicator import Indicator


def build(id_: str, *, sensitivity: int = 2, finest: str = "district", **more: object) -> Indicator:
    words: Mapping[str, str] = {"sv": id_, "en": id_}
    defaults: dict[str, object] = {
        "side": "survey", "name": words, "definition": words, "finding": words, "construct": "", "tier": "",
        "rule": "", "items": (), "parts": (), "applies_to": (), "denominator": words, "period": words,
        "caveat": words, "source": "", "version": "1.0", "core": True,
    }  # fmt: skip
    return Indicator(id=id_, sensitivity=sensitivity, finest=finest, **(defaults | more))  # type: ignore[arg-type]


@pytest.fixture
def indicator() -> Callable[..., Indicator]:
    """Builds an indicator from what a test cares about."""
    return build
