"""What a map says in words: its title, its subtitle, and the text for those who do not see it."""

from __future__ import annotations

from collections.abc import Sequence

from mapping.disclosure.protected import Figure
from mapping.publish.map_places import Kind, Place, State, Subject
from mapping.publish.picture_words import (
    Wording,
    denominator_words,
    finding_words,
    group_words,
    listed,
    name_words,
    population_words,
    wave_words,
    whole_words,
)
from mapping.texts import Texts

__all__ = ["map_alt", "map_subtitle", "map_title", "range_words", "rest_words"]

_CLEAR = (0, 4)


def map_title(
    text: Texts, subject: Subject, kind: Kind, places: Sequence[Place], whole: Figure | None
) -> str:
    """The finding: the municipality's share in whole per cent; or how many places can be told apart."""
    if kind != "estimate":
        clear = sum(place.step in _CLEAR for place in places)
        if not clear:
            return text(f"map.title_{kind}_none", since=subject.since)
        return text(f"map.title_{kind}", count=clear, total=len(places), since=subject.since)
    finding = finding_words(text, subject.indicator)
    if whole is None or whole.share is None or not finding:
        return text("map.title_plain", name=name_words(text, subject.indicator))
    share = text.percent(whole.share, whole.decimals if whole.share < 1 else 0)
    return text(
        "map.title", share=share, group=group_words(text, subject.group, "picture.groups"), finding=finding
    )


def map_subtitle(text: Texts, subject: Subject, kind: Kind, whole: Figure | None, wording: Wording) -> str:
    """Measure, population, year and target."""
    name, wave, population = (
        name_words(text, subject.indicator), wave_words(text, subject.wave), population_words(wording)
    )  # fmt: skip
    if kind == "exceedance":
        level = ""
        if whole is not None and whole.share is not None:
            level = text("map.subtitle_level", share=text.percent(whole.share, whole.decimals))
        return text(
            "map.subtitle_exceedance", name=name, wave=wave, level=level, population=population
        ).strip()
    if kind == "change":
        return text(
            "map.subtitle_change", name=name, wave=wave, since=subject.since, population=population
        ).strip()
    return text(
        "map.subtitle", name=name, denominator=denominator_words(text, subject.indicator), wave=wave,
        population=population, target=text(f"picture.target.{subject.target}"),
    )  # fmt: skip


def map_alt(text: Texts, subject: Subject, kind: Kind, places: Sequence[Place], whole: Figure | None) -> str:
    """What kind of picture it is, its range, the clear exceptions, and how much is not shown."""
    opening = text(
        f"map.alt_{kind}",
        total=len(places),
        name=name_words(text, subject.indicator),
        wave=wave_words(text, subject.wave),
        since=subject.since,
    )
    if kind == "estimate":
        uncertain = [place.name for place in places if place.state is State.UNCERTAIN]
        body = [*range_words(text, places), listed(text, "map.alt_uncertain", uncertain)]
    else:
        body = _classes(text, kind, places)
    sentences = (opening, *body, *rest_words(text, places), whole_words(text, whole))
    return " ".join(sentence for sentence in sentences if sentence)


def range_words(text: Texts, places: Sequence[Place]) -> list[str]:
    """From which share to which they go; nothing where none is shown."""
    shown = [(place.share, place.decimals) for place in places if place.share is not None]
    if not shown:
        return []
    low, high = min(shown), max(shown)
    return [text("picture.alt_range", count=len(shown), low=text.percent(*low), high=text.percent(*high))]


def _classes(text: Texts, kind: Kind, places: Sequence[Place]) -> list[str]:
    return [
        listed(
            text, "map.alt_class", [place.name for place in places if place.step == step],
            label=text(f"map.{kind}.{step}"),
        )
        for step in (4, 3, 1, 0, 2)
    ]  # fmt: skip


def rest_words(text: Texts, places: Sequence[Place]) -> list[str]:
    """How many places show no class, by what the reader is told of them."""
    found = []
    for state in (State.NONE_KNOWN, State.WITHHELD, State.NOT_ASKED, State.NO_PUPILS):
        count = sum(place.state is state for place in places)
        if count:
            found.append(text(f"map.alt_state.{state.value}", count=count))
    return found
