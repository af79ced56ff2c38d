"""Maps: one picture of where, as far as what is protected allows it to be told. Static, the same bytes every time.

Two kinds make a pair. The estimate map colours each place by the class its share lies in, with dots where the share is
uncertain. The exceedance map says which places can be told apart from the municipality's level, and which cannot. The
change map says the same of an earlier wave. Each can be drawn with tiles of one size in place of the places' shapes.
A withheld place is lined in all of them, and nothing about it stands in the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.disclosure.protected import Figure, ProtectedRelease, require_sealed
from mapping.errors import BuildError
from mapping.publish.map_ground import Ground, lay_out
from mapping.publish.map_layer import colours_of, draw_places_of
from mapping.publish.map_legend import (
    LEGEND_SIZE,
    SCALE_HEIGHT,
    Entry,
    classes_of,
    draw_entries,
    draw_scale,
    draw_scale_bar,
    height_of,
    states_told,
)
from mapping.publish.map_places import Kind, Place, Subject, map_level, places_of
from mapping.publish.map_tiles import lay_tiles
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
    tiles: bool


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
    since: str = "",
    tiles: bool = False,
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
    kind : {"estimate", "exceedance", "change"}
        Shares in classes; or each place against the municipality's level, from the public model; or against the wave
        `since`, from what both waves printed. The last two speak of the target *risk*.
    level : {"district", "area"}, optional
        By default what `map_level` finds: the finest allowed level that prints at least half of its places.
    target : {"pupils", "risk"}, optional
        By default this year's pupils for shares, the underlying risk for the others, which speak of it.
    tiles : bool
        Whether each place is drawn as a hexagon, all of one size, near where it lies.
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
        If there is nothing to draw: no place is printed; or the indicator counts cases, which show how places are
        reached and would be read as how dangerous they are.
    """
    require_sealed(release)
    if indicator.side == "case":
        raise BuildError(
            f"{indicator.id} counts cases: what is detected is never drawn on a map. Use a table."
        )
    text, said = load(language), wording or Wording()
    subject = Subject(indicator, wave, group, target or ("pupils" if kind == "estimate" else "risk"), since)
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
    if tiles:
        ground = lay_tiles(ground, frame.inner)
    sheet = _draw(_Content(kind, places, whole, ladder(indicator), text, tiles), frame, ground, legend=legend)
    alt = map_alt(text, subject, kind, places, whole)
    return sheet.picture(
        _name(subject, kind, level, language, tiles=tiles),
        title,
        f"{alt} {text('map.tiles_note')}" if tiles else alt,
    )


def _name(subject: Subject, kind: Kind, level: str, language: str, *, tiles: bool) -> str:
    form, waves = ("tiles-" if tiles else ""), "-".join(filter(None, (subject.since, subject.wave)))
    what = "change-map" if kind == "change" else kind
    return f"{form}{what}-{subject.indicator.id}-{waves}-{level}-{subject.group}-{language}"


def _draw(content: _Content, frame: Frame, ground: Ground, *, legend: bool) -> Sheet:
    bar = frame.top + ground.height + 0.3
    bottom = bar + (0.5 if legend else 0.05)
    sheet = frame.sheet(bottom + (_legend_height(content, frame.inner) if legend else 0.0))
    sheet.place(draw_places_of(ground, content.places, content.kind), frame.margin, frame.top)
    if content.tiles:
        sheet.text(frame.margin, bar + 0.02, content.text("map.tiles_note"), LEGEND_SIZE, colour=QUIET)
    else:
        draw_scale_bar(sheet, ground, frame.margin, bar, content.text)
    if legend:
        _draw_legend(sheet, content, frame.margin, bottom, frame.inner)
    return sheet


def _entries(content: _Content, kind: Kind) -> list[Entry]:
    """What the legend explains: classes, the states that are always possible, and the rarer ones that occur."""
    found = {place.state for place in content.places}
    return [*classes_of(kind, content.text), *states_told(found, kind, content.text)]


def _legend_height(content: _Content, width: float) -> float:
    """The same for both kinds, so that the maps of a pair stand at the same height."""
    return max(
        SCALE_HEIGHT + height_of(_entries(content, "estimate"), width),
        height_of(_entries(content, "exceedance" if content.kind == "estimate" else content.kind), width),
    )


def _draw_legend(sheet: Sheet, content: _Content, x: float, y: float, width: float) -> None:
    if content.kind == "estimate":
        y = draw_scale(sheet, x, y, width, content.limits, content.whole, content.text)
    draw_entries(sheet, x, y, width, _entries(content, content.kind), colours_of(content.kind))
