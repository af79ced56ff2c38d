"""Colours and class limits of every picture: the same in all waves, and readable in grey.

A place's colour says which class its share lies in and nothing finer. Limits are round numbers fixed by the kind of
indicator, or by its entry in the codebook, never quantiles of the data at hand: a map whose limits follow the data
always shows a "worst" place, and two waves drawn with different limits cannot be compared.
"""

from __future__ import annotations

from typing import Final

from mapping.concepts.indicator import Indicator

__all__ = [
    "ACCENT",
    "ACCENT_SECOND",
    "BORDER",
    "EXCEEDANCE",
    "FAINT",
    "INK",
    "LADDERS",
    "NO_PUPILS",
    "PAPER",
    "PATTERN",
    "QUIET",
    "SEQUENTIAL",
    "SYNTHETIC",
    "class_of",
    "contrast",
    "ink_on",
    "ladder",
]

INK: Final = "#1d2733"  # titles and names
QUIET: Final = "#55606e"  # subtitles, source, axis labels: 6.4 : 1 on white
FAINT: Final = "#d5dae0"  # grid lines
PAPER: Final = "#ffffff"
BORDER: Final = "#76808c"
PATTERN: Final = "#6b7683"  # lines of withheld places: 4.6 : 1 on white
NO_PUPILS: Final = "#dfe2e6"
ACCENT: Final = "#25598c"
ACCENT_SECOND: Final = "#b3651b"
SYNTHETIC: Final = "#8a4b08"  # the watermark

# From pale to navy in equal steps of lightness (CIELAB L* 95, 81, 66, 52, 37, 22), so that the order survives in grey
# and in every form of colour blindness. Neighbours differ by at least 1.4 : 1. No red: a map is not an alarm.
SEQUENTIAL: Final = ("#e1f5f2", "#9bd3d6", "#5dadc0", "#2f84ac", "#25598c", "#203068")

# Very likely below, probably below, cannot be told apart, probably above, very likely above. Purple and orange are told
# apart by people with protanopia, deuteranopia and tritanopia alike; triangles say the same without colour.
EXCEEDANCE: Final = ("#6b4a94", "#c0b1e0", "#f1f0ed", "#e9b273", "#995512")

# Lower limits of the six classes in per cent; the last class has no upper limit. One ladder for each tier of the
# codebook: the limits span what Swedish and Nordic surveys have found for indicators of that tier, town by town.
LADDERS: Final = {
    # 10 to 20 % in the three cities (Storstadskartläggningen 2018)
    "norm": (0, 5, 10, 15, 20, 30),
    # single restrictions are more common: parents' rules exist everywhere
    "control": (0, 5, 10, 20, 30, 40),
    # 7 to 9 % in the three cities; any physical violence by family is more common
    "violence": (0, 2, 5, 10, 15, 20),
    # forced marriage, removal abroad: a few per cent
    "serious": (0, 1, 2, 5, 10, 15),
    # shares of those exposed who told someone or sought help
    "service": (0, 10, 20, 30, 40, 60),
}


def ladder(indicator: Indicator) -> tuple[int, ...]:
    """The lower limits of an indicator's classes: its own from the codebook, else its tier's, else those of norms.

    All three are settled before any answer is read, and none looks at the figures.
    """
    return indicator.classes or LADDERS.get(indicator.tier, LADDERS["norm"])


def class_of(share: float, limits: tuple[int, ...]) -> int:
    """The class that a printed share (per cent) lies in; a share on a limit belongs to the class above.

    Examples
    --------
    >>> [class_of(share, LADDERS["norm"]) for share in (0, 4.9, 5, 30, 100)]
    [0, 0, 1, 5, 5]
    """
    return sum(share >= limit for limit in limits) - 1


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, from 1 (none) to 21 (black on white).

    References
    ----------
    W3C, Web Content Accessibility Guidelines 2.2, definition of contrast ratio.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(fill: str) -> str:
    """The colour, dark or white, that is read more easily on `fill`."""
    return max((INK, PAPER), key=lambda ink: contrast(ink, fill))


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
