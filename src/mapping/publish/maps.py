"""Maps: one picture of where, as far as what is protected allows it to be told. Static, the same bytes every time.

Two kinds make a pair. The estimate map colours each place by the class its share lies in, with dots where the share is
uncertain. The exceedance map says which places can be told apart from the municipality's level, and which cannot.
A withheld place is lined in both, and nothing about it stands in the file.
"""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.disclosure.protected import Figure, ProtectedRelease, require_sealed
from mapping.errors import BuildError
from mapping.publish.map_ground import Ground, lay_out, scale_bar
from mapping.publish.map_layer import colours_of, draw_places_of
from mapping.publish.map_legend import SCALE_HEIGHT, Entry, draw_entries, draw_scale, height_of
from mapping.publish.map_places import Kind, Place, State, Subject, map_level, places_of
from mapping.publish.map_words import map_alt, map_subtitle, map_title
from mapping.publish.palette import QUIET, ladder
from mapping.publish.picture import Picture, Sheet
from mapping.publish.picture_frame import Frame
from mapping.publish.picture_words import Wording
from mapping.texts import Texts, load

__all__ = ["draw_map"]

# centimetres kept for the heading on a narrow and on a wide sheet, so that the maps of a pair stand level
_HEADING, _HEADING_WIDE, _WIDE = 2 * 0.5 + 3 * 0.36, 0.5 + 2 * 0.36, 11.0


@dataclass(frozen=True, slots=True)
class _Content:
    """All that stands on the sheet."""

    kind: Kind
    places: tuple[Place, ...]
    whole: Figure | None
    limits: tuple[int, ...]
    text: Texts


def draw_map(
    release: ProtectedRelease,
    districts: Districts,
    indicator: Indicator,
    *,
    wave: str,
    language: str,
    kind: Kind,
    level: str | None = None,
    group: str = "all",
    target: str | None = None,
    wording: Wording | None = None,
    heading: bool = True,
    legend: bool = True,
    width: float = 9.0,
) -> Picture:
    """A map of one indicator in one wave.

    Parameters
    ----------
    release : ProtectedRelease
        What `protect` returned, with `derive` applied before an exceedance map is asked for.
    districts : Districts
        Polygons and publication areas.
    kind : {"estimate", "exceedance"}
        Shares in classes; or each place against the municipality's level, from the public model (target *risk*).
    level : {"district", "area"}, optional
        By default what `map_level` finds: the finest allowed level that prints at least half of its places.
    target : {"pupils", "risk"}, optional
        By default this year's pupils for shares, the underlying risk for exceedance, whose model speaks of it.
    heading : bool
        Whether title, subtitle and source stand in the picture; a report sets them as text of its own.
    legend : bool
        Whether the legend stands under the map; a report gives one key to all maps of a chapter.
    width : float
        Centimetres.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    DisclosureError
        If the codebook allows the indicator at a coarser level only.
    BuildError
        If there is nothing to draw: no place is printed.
    """
    require_sealed(release)
    text, said = load(language), wording or Wording()
    subject = Subject(indicator, wave, group, target or ("risk" if kind == "exceedance" else "pupils"))
    level = level or map_level(release, subject)
    if level is None:
        raise BuildError(f"{indicator.id} {wave}: no place is printed, so there is no map. Say so in words.")
    places = places_of(release, districts, subject, level, kind, language)
    whole = subject.whole(release)
    title = said.title or map_title(text, subject, kind, places, whole)
    frame = Frame.of(
        text, width, title, map_subtitle(text, subject, kind, whole, said), said.source,
        synthetic=release.synthetic, heading=heading, room=_HEADING_WIDE if width >= _WIDE else _HEADING,
    )  # fmt: skip
    ground = lay_out(districts, level=level, sensitivity=indicator.sensitivity, width=frame.inner)
    sheet = _draw(_Content(kind, places, whole, ladder(indicator), text), frame, ground, legend=legend)
    name = f"{kind}-{indicator.id}-{wave}-{level}-{group}-{language}"
    return sheet.picture(name, title, map_alt(text, subject, kind, places, whole))


def _draw(content: _Content, frame: Frame, ground: Ground, *, legend: bool) -> Sheet:
    bar = frame.top + ground.height + 0.3
    bottom = bar + (0.5 if legend else 0.05)
    sheet = frame.sheet(bottom + (_legend_height(content, frame.inner) if legend else 0.0))
    sheet.place(draw_places_of(ground, content.places, content.kind), frame.margin, frame.top)
    _draw_scale_bar(sheet, ground, frame.margin, bar, content.text)
    if legend:
        _draw_legend(sheet, content, frame.margin, bottom, frame.inner)
    return sheet


def _draw_scale_bar(sheet: Sheet, ground: Ground, x: float, y: float, text: Texts) -> None:
    metres = scale_bar(ground)
    end = x + metres / ground.metres_per_cm
    bar = shapely.LineString([(x, y - 0.08), (x, y), (end, y), (end, y - 0.08)])
    sheet.shape(bar, edge=QUIET, width=0.7)
    if metres >= 1000:
        words = text("map.distance", km=text.number(metres / 1000))
    else:
        words = text("map.distance_short", m=text.number(metres))
    sheet.text(end + 0.12, y + 0.02, words, 7.0, colour=QUIET)


def _entries(content: _Content, kind: Kind) -> list[Entry]:
    """What the legend explains: the states that are always possible, and the rarer ones where they occur."""
    text = content.text
    always = {State.UNCERTAIN, State.WITHHELD} if kind == "estimate" else {State.WITHHELD}
    found = {place.state for place in content.places} - {State.SHOWN}
    entries = [
        Entry(text(f"map.state.{state.value}"), state)
        for state in State
        if state in (always | found) and state is not State.SHOWN
    ]
    if kind == "exceedance":
        classes = [Entry(text(f"map.exceedance.{step}"), State.SHOWN, step) for step in (4, 3, 2, 1, 0)]
        return [*classes, *(entry for entry in entries if entry.state is not State.UNCERTAIN)]
    return entries


def _legend_height(content: _Content, width: float) -> float:
    """The same for both kinds, so that the maps of a pair stand at the same height."""
    return max(
        SCALE_HEIGHT + height_of(_entries(content, "estimate"), width),
        height_of(_entries(content, "exceedance"), width),
    )


def _draw_legend(sheet: Sheet, content: _Content, x: float, y: float, width: float) -> None:
    if content.kind == "estimate":
        y = draw_scale(sheet, x, y, width, content.limits, content.whole, content.text)
    draw_entries(sheet, x, y, width, _entries(content, content.kind), colours_of(content.kind))
