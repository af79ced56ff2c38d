"""Sentences made from numbers: every claim of a report is decided here, and tested sentence by sentence.

The words stand in `texts/`; this file chooses among them and fills them in. All numbers come from printed
figures, so that a reader with the open data can make the same sentences.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from mapping.disclosure.protected import Figure, ModelFigure, Status
from mapping.texts import Texts

__all__ = [
    "FRACTIONS",
    "clearly_different",
    "headline",
    "interval",
    "key_figure",
    "outward",
    "places",
    "plain_fraction",
    "sexes",
    "share",
    "status",
    "target",
    "unsure",
    "value",
    "wave_name",
    "who_answered",
]

# the only fractions that are written in words: "1 av 8"
FRACTIONS = (3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 50, 100)
_NEAR = 0.10  # a fraction further than this from the share would be another number


def plain_fraction(share: float, low: float, high: float) -> int | None:
    """The n of "1 in n" that says the share, or None where no plain fraction says it.

    It is the nearest of `FRACTIONS`, if it lies within the interval and within 10 per cent of the share.

    Examples
    --------
    >>> plain_fraction(13, 11, 15), plain_fraction(41, 30, 52), plain_fraction(13, 12.9, 13.1)
    (8, None, None)
    """
    nearest = min(FRACTIONS, key=lambda n: abs(100 / n - share))
    said = 100 / nearest
    return nearest if low <= said <= high and abs(said - share) <= _NEAR * share else None


def _shown(figure: Figure | None) -> bool:
    return figure is not None and figure.status is Status.SHOWN and figure.share is not None


def _numbers(figure: Figure) -> tuple[float, float, float]:
    return cast(tuple[float, float, float], (figure.share, figure.low, figure.high))


def _whole(figure: Figure) -> tuple[float, float, float, int]:
    """Share and limits in whole per cent, limits outward; with their decimals where the share is small."""
    share, low, high = _numbers(figure)
    if figure.decimals == 0 or share < 5:
        return share, low, high, figure.decimals
    return math.floor(share + 0.5), *outward(low, high), 0


def headline(
    figure: Figure, population: str, the_population: str, finding: str, texts: Texts
) -> tuple[str, str]:
    """The headline of a shown figure, and the sentence below it that tells how sure it is."""
    share, low, high, decimals = _whole(figure)
    n = plain_fraction(*_numbers(figure))
    if n is not None:
        lead = texts("headline.fraction", n=n, population=population, finding=finding)
    else:
        lead = texts(
            "headline.percent",
            share=texts.number(share, decimals),
            population=the_population,
            finding=finding,
        )
    return lead, _likely("headline.detail", share, low, high, decimals, texts)


def share(figure: Figure, texts: Texts) -> str:
    """What is known of the whole municipality, whatever the figure's status."""
    if not _shown(figure):
        return status(figure, texts)
    return _likely("place.municipality", *_numbers(figure), figure.decimals, texts)


def _likely(key: str, share: float, low: float, high: float, decimals: int, texts: Texts) -> str:
    written = (texts.number(number, decimals) for number in (share, low, high))
    return texts(key, **dict(zip(("share", "low", "high"), written, strict=True)))


def status(figure: Figure, texts: Texts) -> str:
    """Why there is no share, in a sentence; never which rule withheld it."""
    if figure.status is Status.NONE_KNOWN:
        return texts("status.none_known_sentence", high=texts.number(figure.high or 0, figure.decimals))
    if figure.status is Status.NOT_ASKED:
        return texts("status.not_asked_in", wave=wave_name(figure.wave, texts))
    return texts("status.withheld_why")


def value(figure: Figure | None, texts: Texts) -> str:
    """The figure as it stands in a table, without its interval."""
    if figure is None:
        return texts("word.not_applicable")
    if figure.status is Status.WITHHELD:
        return texts("status.withheld")
    if figure.status is Status.NOT_ASKED:
        return texts("status.not_asked")
    if figure.target == "cases" and figure.count is not None:
        return texts.number(figure.count)
    if figure.status is Status.NONE_KNOWN:
        return texts("status.none_known", high=texts.percent(figure.high or 0, figure.decimals))
    return texts.number(_numbers(figure)[0], figure.decimals)


def interval(figure: Figure | None, texts: Texts) -> str:
    """The interval as it stands in a table; empty where there is none."""
    if figure is None or figure.status is not Status.SHOWN or figure.low is None or figure.high is None:
        return ""
    return texts.interval(figure.low, figure.high, figure.decimals)


def clearly_different(one: Figure, other: Figure) -> bool:
    """Whether two shares differ by more than their uncertainty.

    Notes
    -----
    The lower limit of the difference p1 − p2 is made from the two printed intervals:
    p1 − p2 − sqrt((p1 − l1)² + (u2 − p2)²). Answers from one school are alike, which makes this cautious.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general
    approach. Statistics in Medicine 27, 1693–1702.
    """
    (p1, l1, _), (p2, _, u2) = sorted((_numbers(one), _numbers(other)), reverse=True)
    return p1 - p2 > math.hypot(p1 - l1, u2 - p2)


def sexes(girls: Figure | None, boys: Figure | None, texts: Texts) -> str:
    """How girls and boys compare; empty unless both are shown."""
    if girls is None or boys is None or not (_shown(girls) and _shown(boys)):
        return ""
    decimals = max(girls.decimals, boys.decimals)
    pair = sorted((girls, boys), key=lambda f: f.share or 0.0, reverse=True)
    if clearly_different(girls, boys):
        more, less = pair
        return texts(
            "sexes.more",
            more=texts(f"group.{more.group}"),
            less=texts(f"group_small.{less.group}"),
            high=texts.number(more.share or 0.0, decimals),
            low=texts.number(less.share or 0.0, decimals),
        )
    return texts("sexes.unclear", first=texts("group_small.girl"), second=texts("group_small.boy"))


def unsure(figure: Figure, texts: Texts) -> str:
    """How many did not know, and what that could mean; empty where it is not told."""
    if figure.unsure is None:
        return ""
    if figure.bounds is None:
        return texts("unsure.short", unsure=texts.number(figure.unsure))
    low, high = figure.bounds
    return texts(
        "unsure.full",
        unsure=texts.number(figure.unsure),
        low=texts.number(low),
        high=texts.number(high),
    )


def target(kind: str, population: str, texts: Texts) -> str:
    """What a figure is about: this year's pupils, the underlying risk of a place, or cases."""
    return texts(f"target.{kind}", population=population) if kind == "pupils" else texts(f"target.{kind}")


def wave_name(wave: str, texts: Texts) -> str:
    """``2026``, or for pooled waves ``2024 och 2026``."""
    return texts.listing(wave.split("+"))


def places(
    models: Sequence[ModelFigure],
    figures: Iterable[Figure],
    names: Mapping[str, str],
    level: str,
    texts: Texts,
) -> list[str]:
    """How places compare with the municipality's level, in alphabetical order within each class."""
    withheld = sum(figure.status is Status.WITHHELD for figure in figures)
    sentences = []
    for exceedance, key in ((4, "above"), (3, "likely_above"), (1, "likely_below"), (0, "below")):
        named = texts.in_order(names.get(m.area, m.area) for m in models if m.exceedance == exceedance)
        if named:
            sentences.append(texts(f"place.{key}", names=texts.listing(named)))
    same = sum(model.exceedance == 2 for model in models)
    if same and not sentences:
        sentences.append(texts(f"place.all_same.{level}"))
    elif same:
        sentences.append(texts(f"place.same.{level}", count=same, spelled=texts.spelled(same)))
    if withheld and not models:
        sentences.append(texts("place.all_withheld"))
    elif withheld:
        sentences.append(texts(f"place.withheld.{level}", count=withheld, spelled=texts.spelled(withheld)))
    return sentences


def outward(low: float, high: float) -> tuple[float, float]:
    """Limits in whole per cent, outward."""
    return float(math.floor(low + 1e-9)), float(math.ceil(high - 1e-9))


def key_figure(figure: Figure, texts: Texts) -> tuple[str, str]:
    """A shown figure as a key figure: ``13 %`` and ``11–15 %``."""
    share, low, high, decimals = _whole(figure)
    return texts.percent(share, decimals), f"{texts.number(low, decimals)}–{texts.percent(high, decimals)}"


def who_answered(counts: Mapping[str, int], grade: str, texts: Texts) -> str:
    """Who answered a wave, and whom the results stand for."""
    answered, registered = counts.get("answered", 0), counts.get("registered", 0)
    if not registered:
        return texts("who.count", answered=answered) if answered else ""
    rate = texts.number(math.floor(100 * answered / registered + 0.5))
    first = texts("who.share", answered=answered, registered=registered, share=rate)
    schools, taking_part = counts.get("schools", 0), counts.get("schools_answered", 0)
    missing = schools - taking_part
    if schools and missing > 0:
        second = texts("who.missing_schools", count=missing, spelled=texts.spelled(missing))
        return f"{first} {second} {texts('who.weighted', grade=grade)}"
    if schools:
        return f"{first} {texts('who.all_schools', schools=texts.spelled(schools).lower(), grade=grade)}"
    return f"{first} {texts('who.plain_weighted', grade=grade)}"
