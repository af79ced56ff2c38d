"""What surrounds every picture: title, subtitle and source, and the watermark of synthetic data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mapping.publish.palette import INK, QUIET, SYNTHETIC
from mapping.publish.picture import Sheet, wrap
from mapping.texts import Texts

__all__ = ["MARGIN", "Frame"]

MARGIN: Final = 0.25  # centimetres
_TITLE, _SUBTITLE, _SOURCE = (
    (10.5, 0.5),
    (7.5, 0.36),
    (7.0, 0.36),
)  # points, and centimetres from line to line
_GAP, _WATERMARK = 0.25, 0.5


@dataclass(frozen=True, slots=True)
class Frame:
    """The lines around a picture of `width` centimetres. `room` is kept for the heading even where it needs less."""

    width: float
    title: Sequence[str]
    subtitle: Sequence[str]
    source: Sequence[str]
    watermark: str
    room: float = 0.0

    @classmethod
    def of(
        cls, text: Texts, width: float, title: str, subtitle: str, source: str, *, synthetic: bool, heading: bool,
        room: float = 0.0,
    ) -> Frame:  # fmt: skip
        """The frame; without `heading` only the watermark is left of it, for a report sets the rest as text."""
        inner = width - 2 * MARGIN
        watermark = text("word.synthetic") if synthetic else ""
        if not heading:
            return cls(width, (), (), (), watermark)
        return cls(
            width,
            wrap(title, inner, _TITLE[0], bold=True),
            wrap(subtitle, inner, _SUBTITLE[0]),
            wrap(source, inner, _SOURCE[0]) if source else (),
            watermark,
            room,
        )

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - 2 * MARGIN

    @property
    def top(self) -> float:
        """Where the picture itself begins."""
        head = _TITLE[1] * len(self.title) + _SUBTITLE[1] * len(self.subtitle)
        head = max(head, self.room) + _GAP if self.title else 0.0
        return MARGIN + head + (_WATERMARK if self.watermark else 0.0)

    def sheet(self, bottom: float) -> Sheet:
        """A sheet for a picture that ends at `bottom`, with the frame drawn on it."""
        sheet = Sheet(self.width, bottom + _SOURCE[1] * len(self.source) + MARGIN)
        y = _write(sheet, MARGIN, self.title, _TITLE, INK, bold=True)
        _write(sheet, y, self.subtitle, _SUBTITLE, QUIET)
        if self.watermark:
            sheet.text(MARGIN, self.top - 0.22, self.watermark, 7.5, colour=SYNTHETIC, bold=True)
        _write(sheet, bottom, self.source, _SOURCE, QUIET)
        return sheet


def _write(
    sheet: Sheet, y: float, lines: Sequence[str], style: tuple[float, float], colour: str, *, bold: bool = False
) -> float:  # fmt: skip
    size, step = style
    for line in lines:
        sheet.text(MARGIN, y + 0.72 * step, line, size, colour=colour, bold=bold)
        y += step
    return y
