"""Measures over time, a panel for each: a gap where a wave shows nothing, a mark where the question changed."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import shapely

from mapping.concepts.indicator import Indicator
from mapping.disclosure.protected import Figure, ProtectedRelease, Status, require_sealed
from mapping.publish.chart_axis import LABEL, SMALL, Scale, draw_mark, highest, notes
from mapping.publish.map_legend import Entry, draw_entries, fill_pattern, height_of
from mapping.publish.map_places import State
from mapping.publish.palette import ACCENT, BORDER, FAINT, INK, PAPER, QUIET, SEQUENTIAL
from mapping.publish.picture import Picture, Sheet
from mapping.publish.picture_frame import Frame
from mapping.publish.picture_words import Wording, name_words, population_words
from mapping.publish.typeface import text_width, wrap
from mapping.texts import Texts, load

__all__ = ["draw_change"]

_IN_A_ROW: Final = 3
_PLOT, _NAME = 3.6, 0.36  # centimetres: a panel's height without its name, a line of its name
_BETWEEN: Final = 0.9
_AIR: Final = 0.12  # between words on one line
_STATES: Final = {Status.WITHHELD: State.WITHHELD, Status.NOT_ASKED: State.NOT_ASKED}


@dataclass(frozen=True, slots=True)
class _Panel:
    """One indicator's figures by wave (None: the release says nothing of it) and the waves that begin anew."""

    indicator: Indicator
    figures: Sequence[Figure | None]
    breaks: Collection[str] = field(default_factory=frozenset)


def draw_change(
    release: ProtectedRelease,
    indicators: Sequence[Indicator],
    *,
    waves: Sequence[str],
    language: str,
    breaks: Mapping[str, Collection[str]] | None = None,
    group: str = "all",
    target: str = "pupils",
    wording: Wording | None = None,
    heading: bool = True,
    width: float = 16.0,
) -> Picture:
    """The municipality's shares over `waves`, three panels in a row, all on one scale.

    Parameters
    ----------
    breaks : mapping, optional
        For each indicator the waves from which it can no longer be compared with earlier ones, as ``wave.toml`` says.
        A change of the release whose verdict is "break" adds to them.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    """
    require_sealed(release)
    text, said = load(language), wording or Wording()
    panels = [
        _Panel(
            indicator,
            release.series(waves, indicator=indicator.id, level="municipality", group=group, target=target),
            {*(breaks or {}).get(indicator.id, ()), *_broken(release, indicator.id, waves)},
        )
        for indicator in indicators
    ]
    title = said.title or _title(text, release, indicators, waves, group)
    subtitle = text(
        "chart.change_subtitle", population=population_words(said), target=text(f"picture.target.{target}")
    )
    frame = Frame.of(text, width, title, subtitle, said.source, synthetic=release.synthetic, heading=heading)
    sheet = _draw(frame, panels, waves, text)
    ids = "-".join(indicator.id for indicator in indicators)
    return sheet.picture(
        f"change-{ids}-{'-'.join(waves)}-{group}-{language}", title, _alt(text, panels, waves)
    )


def _title(
    text: Texts, release: ProtectedRelease, indicators: Sequence[Indicator], waves: Sequence[str], group: str
) -> str:  # fmt: skip
    """The finding: what has clearly gone up or down since the wave before; plain where the release does not say."""
    latest = tuple(waves[-2:])
    found = {
        change.indicator: change.verdict
        for change in release.changes
        if (change.level, change.group) == ("municipality", group)
        and (change.wave_earlier, change.wave_later) == latest
    }
    known = [(name_words(text, i), found[i.id]) for i in indicators if i.id in found]
    if not known:
        return text("chart.change_title")
    moved = [
        text(f"chart.change_{verdict}", names=text.listing(names), wave=waves[-2])
        for verdict in ("up", "down")
        if (names := [name for name, said in known if said == verdict])
    ]
    return "; ".join(moved) or text("chart.change_none", wave=waves[-2])


def _broken(release: ProtectedRelease, indicator: str, waves: Sequence[str]) -> set[str]:
    """Waves that the release itself says cannot be compared with the one before."""
    following = set(itertools.pairwise(waves))
    return {
        change.wave_later
        for change in release.changes
        if change.indicator == indicator
        and change.verdict == "break"
        and (change.wave_earlier, change.wave_later) in following
    }


def _draw(frame: Frame, panels: Sequence[_Panel], waves: Sequence[str], text: Texts) -> Sheet:
    in_a_row = min(_IN_A_ROW, len(panels))
    each = (frame.inner - _BETWEEN * (in_a_row - 1)) / in_a_row
    names = [wrap(name_words(text, panel.indicator), each, LABEL, bold=True) for panel in panels]
    head = _NAME * max(map(len, names)) + 0.15
    rows = -(-len(panels) // in_a_row)
    bottom = frame.top + rows * (head + _PLOT) + 0.1
    entries = _entries(panels, text)
    said = notes(text, (figure for panel in panels for figure in panel.figures), frame.inner)
    if any(panel.breaks for panel in panels):
        said += wrap(text("chart.break_note"), frame.inner, SMALL)
    sheet = frame.sheet(bottom + height_of(entries, frame.inner) + 0.36 * len(said) + 0.1)
    limit = highest(figure for panel in panels for figure in panel.figures)
    for number, (panel, name) in enumerate(zip(panels, names, strict=True)):
        left = frame.margin + (number % in_a_row) * (each + _BETWEEN)
        top = frame.top + (number // in_a_row) * (head + _PLOT)
        for line_number, line in enumerate(name):
            sheet.text(left, top + _NAME * line_number + 0.27, line, LABEL, bold=True)
        _draw_panel(sheet, panel, waves, text, limit, left, left + each, top + head)
    y = draw_entries(sheet, frame.margin, bottom, frame.inner, entries, SEQUENTIAL)
    for number, line in enumerate(said):
        sheet.text(frame.margin, y + 0.25 + 0.36 * number, line, SMALL, colour=QUIET)
    return sheet


def _draw_panel(
    sheet: Sheet, panel: _Panel, waves: Sequence[str], text: Texts, limit: float, left: float, right: float, top: float
) -> None:  # fmt: skip
    floor = top + _PLOT - 0.75
    scale = Scale.covering(limit * 1.12, floor, top + 0.1, ticks=4)
    for tick in scale.ticks:
        y = scale(tick)
        line = shapely.LineString([(left + 0.75, y), (right, y)])
        sheet.shape(line, edge=QUIET if tick == 0 else FAINT, width=0.6)
        label = text.percent(tick) if tick == scale.ticks[-1] else text.number(tick)
        sheet.text(left + 0.62, y + 0.09, label, SMALL, colour=QUIET, align="right")
    places = _positions(waves, left + 1.2, right - 0.45)
    for number in _apart(places, [text_width(wave, SMALL) for wave in waves]):
        sheet.text(places[number], floor + 0.36, waves[number], SMALL, colour=QUIET, align="center")
    _draw_links(sheet, panel, waves, places, scale, text, top, floor)
    for x, figure in zip(places, panel.figures, strict=True):
        _draw_point(sheet, x, figure, scale, floor)
    _write_shares(sheet, panel.figures, places, scale, text)


def _write_shares(
    sheet: Sheet, figures: Sequence[Figure | None], places: Sequence[float], scale: Scale, text: Texts
) -> None:  # fmt: skip
    """The share above each point, where it has room beside its neighbours'; the last and the first always have."""
    shown = [
        (x, f, f.share) for x, f in zip(places, figures, strict=True) if f is not None and f.share is not None
    ]
    words = [text.percent(share, figure.decimals) for _, figure, share in shown]
    for number in _apart([x for x, _, _ in shown], [text_width(word, LABEL) for word in words]):
        x, figure, share = shown[number]
        above = scale(figure.high if figure.high is not None else share) - 0.12
        sheet.text(x, above, words[number], LABEL, align="center", halo=PAPER)


def _apart(middles: Sequence[float], widths: Sequence[float]) -> list[int]:
    """Which words can stand without touching: the last, the first, then from the left as many as have room."""
    order = dict.fromkeys([len(middles) - 1, 0, *range(len(middles))] if middles else [])
    kept: list[int] = []
    for one in order:
        if all(abs(middles[one] - middles[k]) >= (widths[one] + widths[k]) / 2 + _AIR for k in kept):
            kept.append(one)
    return sorted(kept)


def _positions(waves: Sequence[str], left: float, right: float) -> list[float]:
    """Where each wave stands: by its year where all have one, else evenly."""
    years = [float(wave) if wave.isdigit() else None for wave in waves]
    known = [year for year in years if year is not None]
    if len(waves) == 1:
        return [(left + right) / 2]
    if len(known) < len(waves) or len(set(known)) < len(waves):
        known = [float(number) for number in range(len(waves))]
    return [left + (right - left) * (year - known[0]) / (known[-1] - known[0]) for year in known]


def _draw_links(
    sheet: Sheet, panel: _Panel, waves: Sequence[str], places: Sequence[float], scale: Scale, text: Texts,
    top: float, floor: float,
) -> None:  # fmt: skip
    """A thin line between waves that follow each other; none over a gap, a dashed mark where the question changed."""
    steps = itertools.pairwise(zip(waves, places, panel.figures, strict=True))
    for (_, x0, before), (wave, x1, after) in steps:
        if wave in panel.breaks:
            middle = (x0 + x1) / 2
            dashes = [[(middle, y), (middle, min(y + 0.12, floor))] for y in _dashes(top + 0.12, floor)]
            for dash in dashes:
                sheet.shape(shapely.LineString(dash), edge=INK, width=0.9)
            sheet.text(middle, top + 0.02, text("chart.break_label"), SMALL, align="center", halo=PAPER)
        elif before is not None and after is not None and None not in (before.share, after.share):
            ends = [(x0, scale(before.share or 0.0)), (x1, scale(after.share or 0.0))]
            sheet.shape(shapely.LineString(ends), edge=ACCENT, width=0.7)


def _dashes(top: float, floor: float) -> list[float]:
    return [top + 0.22 * number for number in range(int((floor - top) / 0.22) + 1)]


def _draw_point(sheet: Sheet, x: float, figure: Figure | None, scale: Scale, floor: float) -> None:
    state = _state(figure)
    if state is not None:
        box = shapely.box(x - 0.2, floor - 0.55, x + 0.2, floor - 0.05)
        sheet.shape(box, fill=PAPER)
        fill_pattern(sheet, state, PAPER, box, corner=(x - 0.2, floor - 0.55))
        sheet.shape(box, edge=BORDER, width=0.5)
        return
    if figure is None or figure.share is None:
        return
    if figure.low is not None and figure.high is not None:
        line = shapely.LineString([(x, scale(figure.low)), (x, scale(figure.high))])
        sheet.shape(line, edge=ACCENT, width=1.6)
    y = scale(figure.share)
    draw_mark(sheet, x, y, "circle", ACCENT, hollow=figure.uncertain)


def _state(figure: Figure | None) -> State | None:
    """The pattern that stands for a wave without a number; None where a number is shown."""
    if figure is None:
        return State.WITHHELD
    if figure.status is Status.NONE_KNOWN:
        return State.NONE_KNOWN
    return _STATES.get(figure.status)


def _entries(panels: Sequence[_Panel], text: Texts) -> list[Entry]:
    found = {_state(figure) for panel in panels for figure in panel.figures}
    return [Entry(text(f"map.state.{state.value}"), state) for state in State if state in found]


def _alt(text: Texts, panels: Sequence[_Panel], waves: Sequence[str]) -> str:
    said = []
    for panel in panels:
        said.append(text("chart.alt_change", name=name_words(text, panel.indicator)))
        for wave, figure in zip(waves, panel.figures, strict=True):
            if wave in panel.breaks and wave != waves[0]:
                said.append(text("chart.alt_break", wave=wave))
            said.append(_point_words(text, wave, figure))
    return " ".join(said)


def _point_words(text: Texts, wave: str, figure: Figure | None) -> str:
    if figure is None or figure.share is None:
        said = {State.NOT_ASKED: "not_asked", State.NONE_KNOWN: "none_known"}.get(
            _state(figure) or State.WITHHELD
        )
        return text(f"chart.alt_change_{said or 'withheld'}", wave=wave)
    share = text.percent(figure.share, figure.decimals)
    low, high = (text.percent(limit or 0.0, figure.decimals) for limit in (figure.low, figure.high))
    return text("chart.alt_change_point", wave=wave, share=share, low=low, high=high)
