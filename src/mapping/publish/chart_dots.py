"""The headline's figure as twenty dots: each is one chance in twenty of where the true share lies."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from scipy.special import expit, logit
from scipy.stats import norm

from mapping.concepts.indicator import Indicator
from mapping.disclosure.protected import Figure, ProtectedRelease, require_sealed
from mapping.errors import BuildError
from mapping.publish.chart_axis import SMALL, Scale
from mapping.publish.palette import ACCENT, FAINT, INK, QUIET
from mapping.publish.picture import Picture, Sheet
from mapping.publish.picture_frame import Frame
from mapping.publish.picture_words import Wording, figure_words, name_words, population_words, wave_words
from mapping.publish.typeface import text_width
from mapping.texts import Texts, load

__all__ = ["draw_dots", "quantiles"]

DOTS: Final = 20
_Z: Final = float(norm.ppf(0.975))
_SIZES: Final = (
    0.16,
    0.3,
)  # centimetres: a dot with the air around it, where the interval is narrow and wide
_COLUMNS: Final = 7  # stacks of dots that show a shape
_LEAST: Final = 0.5  # per cent: limits closer to the share than this are drawn this far away


def quantiles(share: float, low: float, high: float, count: int = DOTS) -> np.ndarray:
    """Shares in per cent with an equal chance between them, as a printed share and its limits tell it.

    On the logit scale, below the share by the width of the lower limit and above it by that of the upper one.

    References
    ----------
    Kay, Kola, Hullman & Munson (2016), When (ish) is my bus? CHI 2016, 5092–5103 (quantile dotplots).

    Examples
    --------
    >>> [round(float(q)) for q in quantiles(13, 11, 15, 4)]
    [12, 13, 13, 14]
    """
    middle, below, above = (
        logit(min(max(value, 0.05), 99.95) / 100)
        for value in (share, min(low, share - _LEAST), max(high, share + _LEAST))
    )
    z = norm.ppf((np.arange(count) + 0.5) / count)
    widths = np.where(z < 0, middle - below, above - middle) / _Z
    return np.asarray(100 * expit(middle + z * widths))


def draw_dots(
    release: ProtectedRelease,
    indicator: Indicator,
    *,
    wave: str,
    municipality: str,
    language: str,
    wording: Wording | None = None,
    heading: bool = True,
    width: float = 16.0,
) -> Picture:
    """The municipality's figure of a wave as twenty dots on a line of shares that begins at zero.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    BuildError
        If the figure is not shown: there is nothing to draw.
    """
    require_sealed(release)
    text, said = load(language), wording or Wording()
    figure = release.one(
        indicator=indicator.id,
        wave=wave,
        level="municipality",
        area=municipality,
        group="all",
        target="pupils",
    )
    if figure is None or figure.share is None or figure.low is None or figure.high is None:
        raise BuildError(f"{indicator.id} {wave}: the municipality's figure is not shown. Say so in words.")
    name = name_words(text, indicator)
    title = said.title or text("chart.dots_title", name=name, share=figure_words(text, figure))
    subtitle = text("chart.dots_subtitle", wave=wave_words(text, wave), population=population_words(said))
    frame = Frame.of(text, width, title, subtitle, said.source, synthetic=release.synthetic, heading=heading)
    sheet = _draw(frame, figure, quantiles(figure.share, figure.low, figure.high), text)
    low, high = (text.percent(limit, figure.decimals) for limit in (figure.low, figure.high))
    share = text.percent(figure.share, figure.decimals)
    alt = text("chart.alt_dots", name=name, wave=wave_words(text, wave), share=share, low=low, high=high)
    return sheet.picture(f"dots-{indicator.id}-{wave}-{language}", title, alt)


def _draw(frame: Frame, figure: Figure, shares: np.ndarray, text: Texts) -> Sheet:
    left, right = frame.margin + 0.2, frame.margin + frame.inner - 0.4
    scale = Scale.covering(float(max(shares[-1], figure.high or 0.0)) * 1.1, left, right, ticks=8)
    at, middle = np.array([scale(share) for share in shares]), scale(figure.share or 0.0)
    size = float(np.clip((at[-1] - at[0]) / _COLUMNS, *_SIZES))
    columns = np.round((at - middle) / size).astype(int)
    tallest = int(np.unique(columns, return_counts=True)[1].max())
    floor = frame.top + 0.45 + tallest * size
    sheet = frame.sheet(floor + 0.75)
    for tick in scale.ticks:
        x = scale(tick)
        sheet.shape(shapely.LineString([(x, floor), (x, floor + 0.1)]), edge=QUIET, width=0.6)
        sheet.text(x, floor + 0.4, text.percent(tick), SMALL, colour=QUIET, align="center")
    sheet.shape(shapely.LineString([(scale(0), floor), (scale.end, floor)]), edge=FAINT, width=0.8)
    stacked: dict[int, int] = {}
    for column in columns.tolist():
        stacked[column] = stacked.get(column, 0) + 1
        dot = shapely.Point(middle + column * size, floor - (stacked[column] - 0.5) * size)
        sheet.shape(dot.buffer(0.42 * size), fill=ACCENT)
    _mark(sheet, scale, figure, text, frame.top, floor)
    return sheet


def _mark(sheet: Sheet, scale: Scale, figure: Figure, text: Texts, top: float, floor: float) -> None:
    """The share itself, as a short line below its name."""
    x, words = scale(figure.share or 0.0), text.percent(figure.share or 0.0, figure.decimals)
    half = text_width(words, SMALL) / 2
    sheet.shape(shapely.LineString([(x, top + 0.33), (x, floor)]), edge=INK, width=0.8)
    sheet.text(max(x, scale.start + half), top + 0.24, words, SMALL, align="center", bold=True)
