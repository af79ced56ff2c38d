"""What surrounds every picture: title, subtitle and source, and the watermark of synthetic data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mapping.publish.palette import INK, QUIET, SYNTHETIC
from mapping.publish.picture import Sheet
from mapping.publish.typeface import wrap
from mapping.texts import Texts

__all__ = ["Frame"]

# points, and centimetres from line to line
_TITLE, _SUBTITLE, _SOURCE = (10.5, 0.5), (7.5, 0.36), (7.0, 0.36)
_GAP, _SOURCE_GAP = 0.25, 0.12
# of a picture that stands alone and of one in a report, whose every page says so too
_WATERMARK, _WATERMARK_SMALL = (7.5, 0.5), (6.0, 0.32)
_MARGIN, _MARGIN_SMALL = 0.25, 0.02  # centimetres


@dataclass(frozen=True, slots=True)
class Frame:
    """The lines around a picture of `width` centimetres. `room` is kept for the heading even where it needs less.

    A picture without a heading stands in a report, flush with the text around it.
    """

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
        inner = width - 2 * _MARGIN
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
    def margin(self) -> float:
        """The paper left free on every side."""
        return _MARGIN if self.title else _MARGIN_SMALL

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - 2 * self.margin

    @property
    def top(self) -> float:
        """Where the picture itself begins."""
        head = _TITLE[1] * len(self.title) + _SUBTITLE[1] * len(self.subtitle)
        head = max(head, self.room) + _GAP if self.title else 0.0
        return self.margin + head + (self._mark[1] if self.watermark else 0.0)

    @property
    def _mark(self) -> tuple[float, float]:
        return _WATERMARK if self.title else _WATERMARK_SMALL

    def sheet(self, bottom: float) -> Sheet:
        """A sheet for a picture that ends at `bottom`, with the frame drawn on it."""
        end = bottom + (_SOURCE_GAP if self.source else 0.0)
        sheet = Sheet(self.width, end + _SOURCE[1] * len(self.source) + self.margin)
        y = self._write(sheet, self.margin, self.title, _TITLE, INK, bold=True)
        self._write(sheet, y, self.subtitle, _SUBTITLE, QUIET)
        if self.watermark:
            size, step = self._mark
            sheet.text(self.margin, self.top - 0.44 * step, self.watermark, size, colour=SYNTHETIC, bold=True)
        self._write(sheet, end, self.source, _SOURCE, QUIET)
        return sheet

    def _write(
        self, sheet: Sheet, y: float, lines: Sequence[str], style: tuple[float, float], colour: str, *,
        bold: bool = False,
    ) -> float:  # fmt: skip
        size, step = style
        for line in lines:
            sheet.text(self.margin, y + 0.72 * step, line, size, colour=colour, bold=bold)
            y += step
        return y
