"""Printed figures as a notebook shows them: a withheld cell is lined and says that it is withheld, never why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mapping.disclosure.protected import Figure

__all__ = ["ProtectedTable"]

_MOST = 40  # rows on a screen
_HEADINGS = ("wave", "indicator", "level", "area", "group", "target", "printed", "interval", "answers")
_WORDS = MappingProxyType(
    {
        "shown": "shown",
        "none_known": "none known",
        "withheld": "not shown, so that no one can be recognised",
        "not_asked": "not asked",
    }
)
_LINES = (
    "background:repeating-linear-gradient(45deg,#fff,#fff 4px,#ccc 4px,#ccc 5px);color:#222;text-align:left;"
    "font-style:italic"
)
_NUMBERS = 3  # columns that a withheld cell leaves empty


@dataclass(frozen=True, slots=True, repr=False)
class ProtectedTable:
    """Figures of a release, for a look at them; `ProtectedRelease.table` makes one."""

    figures: tuple[Figure, ...]

    def __repr__(self) -> str:
        return f"ProtectedTable({self._states()})"

    def _repr_html_(self) -> str:
        """The first rows, and how many there are of each state."""
        head = "".join(f'<th scope="col">{name}</th>' for name in _HEADINGS)
        rows = "".join(map(_row, self.figures[:_MOST]))
        more = len(self.figures) - _MOST
        rest = f" The first {_MOST} stand here." if more > 0 else ""
        return (
            f"<table><caption>Protected figures: {self._states()}.{rest} Shares in per cent, as printed.</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )

    def _states(self) -> str:
        count: Mapping[str, int] = Counter(figure.status.value for figure in self.figures)
        return ", ".join(
            f"{count[state]} {_WORDS[state].partition(',')[0]}" for state in _WORDS if count[state]
        )


def _row(figure: Figure) -> str:
    names = (figure.wave, figure.indicator, figure.level, figure.area, figure.group, figure.target)
    return f"<tr>{''.join(f'<td>{escape(name)}</td>' for name in names)}{''.join(_numbers(figure))}</tr>"


def _numbers(figure: Figure) -> Iterator[str]:
    state = figure.status.value
    if state != "shown":
        limit = f", at most {figure.high:g} %" if state == "none_known" and figure.high is not None else ""
        lines = f' style="{_LINES}"' if state == "withheld" else ' style="text-align:left"'
        yield f'<td colspan="{_NUMBERS}"{lines}>{_WORDS[state]}{limit}</td>'
        return
    if figure.count is not None:
        yield f"<td>{figure.count} cases</td>"
    else:
        yield f"<td>{figure.share:.{figure.decimals}f} %{' (uncertain)' if figure.uncertain else ''}</td>"
    between = figure.low is not None and figure.high is not None
    yield f"<td>{f'{figure.low:g}–{figure.high:g}' if between else ''}</td>"
    yield f"<td>{escape(figure.base)}</td>"
