"""The words that stand in and for pictures: what the caller adds, and what is written from printed figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mapping.concepts.indicator import Indicator
from mapping.disclosure.protected import Figure, Status
from mapping.publish.context import in_language
from mapping.texts import Texts

__all__ = [
    "Wording",
    "denominator_words",
    "figure_words",
    "group_words",
    "listed",
    "name_words",
    "population_words",
    "wave_words",
    "whole_words",
]

_LISTED = 8  # names in a sentence; more are counted


@dataclass(frozen=True, slots=True)
class Wording:
    """What only the caller knows: the population in words, the source line, and a title to put in place of ours."""

    population: str = ""
    source: str = ""
    title: str = ""


def name_words(text: Texts, indicator: Indicator) -> str:
    """What the indicator is called."""
    return in_language(indicator.name, text.language)[0] or indicator.id


def finding_words(text: Texts, indicator: Indicator) -> str:
    """The words that follow "13 per cent of pupils"."""
    return in_language(indicator.finding, text.language)[0]


def denominator_words(text: Texts, indicator: Indicator) -> str:
    """Whom the share is taken of."""
    return in_language(indicator.denominator, text.language)[0] or text("picture.groups.all")


def wave_words(text: Texts, wave: str) -> str:
    """``2024 och 2026`` for the pooled wave "2024+2026"."""
    return text.listing(wave.split("+"))


def group_words(text: Texts, group: str, table: str = "picture.group") -> str:
    """What a group is called; a group that only this survey knows keeps its own name."""
    key = f"{table}.{group}"
    return text(key) if key in text else group.replace("*", ", ")


def population_words(wording: Wording) -> str:
    """The population as a sentence with the space that follows it; nothing where it is one word, as *pupils*."""
    kept = re.sub(r"(?<=[åa]r) (?=\d)", "\u00a0", wording.population.rstrip("."))
    return f"{kept[0].upper()}{kept[1:]}. " if " " in kept else ""


def figure_words(text: Texts, figure: Figure) -> str:
    """``13 % (11–15)``, or what is said in place of a number."""
    if figure.share is None or figure.status is Status.NONE_KNOWN:
        high = "" if figure.high is None else text.percent(figure.high, figure.decimals)
        return text(f"picture.{figure.status.value}", high=high)
    share = text.percent(figure.share, figure.decimals)
    if figure.low is None or figure.high is None:
        return share
    return f"{share} ({text.interval(figure.low, figure.high, figure.decimals)})"


def whole_words(text: Texts, figure: Figure | None) -> str:
    """The sentence on the whole municipality; nothing where its figure is not shown."""
    if figure is None or figure.share is None:
        return ""
    share = text.percent(figure.share, figure.decimals)
    if figure.low is None or figure.high is None:
        return text("picture.alt_whole_plain", share=share)
    low, high = (text.percent(limit, figure.decimals) for limit in (figure.low, figure.high))
    return text("picture.alt_whole", share=share, low=low, high=high)


def listed(text: Texts, key: str, names: Sequence[str], **values: str) -> str:
    """A sentence that names places in alphabetical order, or counts them where they are many; nothing for none."""
    if not names:
        return ""
    if len(names) > _LISTED:
        return text(f"{key}_many", count=len(names), **values)
    return text(key, names=text.listing(text.in_order(names)), **values)
