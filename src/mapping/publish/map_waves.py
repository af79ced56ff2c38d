"""Small maps of one measure side by side, a map for each wave, all in the same classes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.disclosure.protected import Figure, ProtectedRelease, require_sealed
from mapping.publish.chart_axis import LABEL, SMALL
from mapping.publish.map_ground import Ground, lay_out
from mapping.publish.map_layer import draw_places_of
from mapping.publish.map_legend import (
    SCALE_HEIGHT,
    draw_entries,
    draw_scale,
    draw_scale_bar,
    height_of,
    states_told,
)
from mapping.publish.map_places import Place, Subject, places_of
from mapping.publish.map_words import range_words, rest_words
from mapping.publish.palette import QUIET, SEQUENTIAL, ladder
from mapping.publish.picture import Picture, Sheet
from mapping.publish.picture_frame import Frame
from mapping.publish.picture_words import (
    Wording,
    denominator_words,
    figure_words,
    name_words,
    population_words,
    whole_words,
)
from mapping.publish.typeface import wrap
from mapping.texts import Texts, load

__all__ = ["draw_waves"]

_IN_A_ROW: Final = 3
_BETWEEN, _WIDEST = 0.5, 6.4  # centimetres between maps, and the widest of them
_HEAD: Final = 0.85  # the wave and the municipality's share above each


@dataclass(frozen=True, slots=True)
class _Panel:
    """One wave: its places, the municipality's figure, and whether the question changed before it."""

    wave: str
    places: tuple[Place, ...]
    whole: Figure | None
    broken: bool


def draw_waves(
    release: ProtectedRelease,
    districts: Districts,
    indicator: Indicator,
    *,
    waves: Sequence[str],
    level: str,
    language: str,
    breaks: Collection[str] = (),
    wording: Wording | None = None,
    heading: bool = True,
    width: float = 16.0,
) -> Picture:
    """Small maps of this year's pupils in each of `waves`, three in a row, under one scale.

    Parameters
    ----------
    breaks : collection of str
        The waves from which the measure can no longer be compared with earlier ones.

    Other parameters and errors are those of `draw_map`.
    """
    require_sealed(release)
    text, said = load(language), wording or Wording()
    panels = [_panel(release, districts, Subject(indicator, wave), level, language, breaks) for wave in waves]
    name = name_words(text, indicator)
    title = said.title or text("map.title_waves", name=name)
    subtitle = text(
        "map.subtitle_waves", denominator=denominator_words(text, indicator), population=population_words(said),
        target=text("picture.target.pupils"),
    )  # fmt: skip
    frame = Frame.of(text, width, title, subtitle, said.source, synthetic=release.synthetic, heading=heading)
    columns = min(len(panels), _IN_A_ROW)
    each = min((frame.inner - _BETWEEN * (columns - 1)) / columns, _WIDEST)
    ground = lay_out(districts, level=level, sensitivity=indicator.sensitivity, width=each)
    sheet = _draw(frame, panels, ground, ladder(indicator), text)
    alt = " ".join([text("map.alt_waves", count=len(panels), name=name), *(_said(text, p) for p in panels)])
    return sheet.picture(f"waves-{indicator.id}-{waves[0]}-{waves[-1]}-{level}-all-{language}", title, alt)


def _panel(
    release: ProtectedRelease, districts: Districts, subject: Subject, level: str, language: str,
    breaks: Collection[str],
) -> _Panel:  # fmt: skip
    places = places_of(release, districts, subject, level, "estimate", language)
    # without their names, which have no room on a small map: the same place then looks the same in all
    nameless = tuple(replace(place, name="") for place in places)
    return _Panel(subject.wave, nameless, subject.whole(release), subject.wave in breaks)


def _draw(
    frame: Frame, panels: Sequence[_Panel], ground: Ground, limits: Sequence[int], text: Texts
) -> Sheet:
    rows = -(-len(panels) // _IN_A_ROW)
    step = _HEAD + ground.height + _BETWEEN
    bar = frame.top + rows * step - _BETWEEN + 0.3
    states = states_told({place.state for panel in panels for place in panel.places}, "estimate", text)
    notes = [text("chart.break_note")] if any(panel.broken for panel in panels[1:]) else []
    lines = [line for note in notes for line in wrap(note, frame.inner, SMALL)]
    bottom = bar + 0.5
    sheet = frame.sheet(bottom + SCALE_HEIGHT + height_of(states, frame.inner) + 0.36 * len(lines))
    for number, panel in enumerate(panels):
        x = frame.margin + (number % _IN_A_ROW) * (ground.width + _BETWEEN)
        _draw_panel(
            sheet, panel, ground, text, x, frame.top + (number // _IN_A_ROW) * step, first=number == 0
        )
    draw_scale_bar(sheet, ground, frame.margin, bar, text)
    y = draw_scale(sheet, frame.margin, bottom, frame.inner, limits, None, text)
    y = draw_entries(sheet, frame.margin, y, frame.inner, states, SEQUENTIAL)
    for number, line in enumerate(lines):
        sheet.text(frame.margin, y + 0.2 + 0.36 * number, line, SMALL, colour=QUIET)
    return sheet


def _draw_panel(
    sheet: Sheet, panel: _Panel, ground: Ground, text: Texts, x: float, y: float, *, first: bool
) -> None:  # fmt: skip
    words = panel.wave
    if panel.broken and not first:
        words = f"{panel.wave} ({text('chart.break_label')})"
    sheet.text(x, y + 0.28, words, LABEL, bold=True)
    share = figure_words(text, panel.whole) if panel.whole else text("picture.withheld")
    sheet.text(x, y + 0.62, text("picture.municipality", share=share), SMALL, colour=QUIET)
    sheet.place(draw_places_of(ground, panel.places, "estimate"), x, y + _HEAD)


def _said(text: Texts, panel: _Panel) -> str:
    """What a panel shows, in words: the range of its shares, what is not shown, the municipality."""
    parts = [f"{panel.wave}:", *range_words(text, panel.places), *rest_words(text, panel.places)]
    return " ".join([*parts, whole_words(text, panel.whole)]).strip()
