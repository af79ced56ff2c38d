"""What may leave the house: sealed figures that only `protect` makes. Withheld values are not inside."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from mapping.disclosure.protected_table import ProtectedTable
from mapping.errors import SealError

__all__ = ["Change", "Figure", "ModelFigure", "ProtectedRelease", "Status", "require_sealed"]

_SEAL: Final = object()  # held by this module and handed to `protect` alone (architecture test)


class _Bound:
    """The seal of one release: it fits the very objects it was put on, as they were then, and nothing else."""

    __slots__ = ("_content", "_print")

    def __init__(self, content: tuple[object, ...]) -> None:
        self._content, self._print = content, hash(repr(content))

    def fits(self, content: tuple[object, ...]) -> bool:
        """Whether `content` is what was sealed: the same objects, and none of them changed since."""
        same = all(one is other for one, other in zip(self._content, content, strict=True))
        return same and hash(repr(content)) == self._print


class Status(enum.Enum):
    """What a reader is told about a cell."""

    SHOWN = "shown"
    NONE_KNOWN = "none_known"  # no one reported it; `high` is the limit that cannot be ruled out
    WITHHELD = "withheld"  # never why
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell as it may be printed. Numbers are per cent as printed; all are None where the cell is withheld.

    `base` is a class such as "100–199" (respondents behind the share). `uncertain` asks for dots on a map. `unsure` is
    the share that answered "don't know", and `bounds` the shares if all of them meant no or yes (municipality only).
    For case extracts (`target` "cases") `count` is the number of cases and `share` the rate per 10,000.
    """

    key: str
    wave: str
    indicator: str
    level: str
    area: str
    group: str
    target: str
    status: Status
    share: float | None = None
    low: float | None = None
    high: float | None = None
    decimals: int = 0
    base: str = ""
    uncertain: bool = False
    unsure: float | None = None
    bounds: tuple[float, float] | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        numbers = (self.share, self.low, self.high, self.unsure, self.bounds, self.count)
        if self.status in (Status.WITHHELD, Status.NOT_ASKED) and any(n is not None for n in numbers):
            raise SealError(
                f"the figure {self.key!r} is {self.status.value}, but holds a number. Leave it empty."
            )


@dataclass(frozen=True, slots=True)
class Change:
    """A change between two waves whose figures are both shown, in percentage points as printed.

    `verdict`: "up", "down", "unclear" (within the margin of error) or "break" (not comparable; no numbers).
    """

    indicator: str
    level: str
    area: str
    group: str
    wave_earlier: str
    wave_later: str
    share_earlier: float | None
    share_later: float | None
    difference: float | None
    low: float | None
    high: float | None
    smallest_detectable: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class ModelFigure:
    """What the public model says of one area: `exceedance` 0 to 4 (0 very likely below the municipality's level,
    2 cannot be told apart, 4 very likely above), the model's share and interval in per cent, target risk."""

    wave: str
    indicator: str
    level: str
    area: str
    exceedance: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, repr=False)
class ProtectedRelease:
    """All that one release may show. Made only by `disclosure.protect`; derived figures come by `derive`.

    `history` holds the figures of earlier waves as they were printed then.
    """

    wave: str
    figures: tuple[Figure, ...]
    changes: tuple[Change, ...]
    response: Mapping[str, Mapping[str, int]]
    policy: Mapping[str, Any]
    model: tuple[ModelFigure, ...] = ()
    history: tuple[Figure, ...] = ()
    synthetic: bool = False
    seal: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.seal is _SEAL:
            response = {k: MappingProxyType(dict(v)) for k, v in self.response.items()}
            object.__setattr__(self, "response", MappingProxyType(response))
            object.__setattr__(self, "policy", MappingProxyType(dict(self.policy)))
            object.__setattr__(self, "seal", _Bound(_content(self)))
        elif not _is_whole(self):
            raise SealError(
                "a protected release is made by disclosure.protect only. Pass your tables to protect()."
            )

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures)

    def select(self, **wanted: str) -> tuple[Figure, ...]:
        """The figures whose attributes equal those given, in table order."""
        return _chosen(self.figures, wanted)

    def before(self, **wanted: str) -> tuple[Figure, ...]:
        """The figures with these attributes as earlier releases printed them."""
        return _chosen(self.history, wanted)

    def one(self, **wanted: str) -> Figure | None:
        """The only figure with these attributes, or None."""
        found = self.select(**wanted)
        return found[0] if len(found) == 1 else None

    def series(self, waves: Sequence[str], **wanted: str) -> list[Figure | None]:
        """The only figure of each wave with these attributes, in this release or as an earlier one printed it."""
        series = []
        for wave in waves:
            earlier = self.before(wave=wave, **wanted)
            series.append(self.one(wave=wave, **wanted) or (earlier[0] if len(earlier) == 1 else None))
        return series

    def to_frame(self) -> pd.DataFrame:
        """The figures as a table; withheld cells have no numbers and the status says so."""
        return pd.DataFrame(
            [
                {name: getattr(f, name) for name in Figure.__slots__} | {"status": f.status.value}
                for f in self.figures
            ]
        )

    def table(self, **wanted: str) -> ProtectedTable:
        """The figures with these attributes as a notebook shows them."""
        return ProtectedTable(self.select(**wanted))

    def __repr__(self) -> str:
        return f"ProtectedRelease(wave={self.wave!r}, {self.table()!r})"

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def derive(self, model: Callable[[tuple[Figure, ...]], tuple[ModelFigure, ...]]) -> ProtectedRelease:
        """This release with what `model` makes of its printed figures, and of nothing else.

        `model` sees the figures that anyone can read in the open data, so what it returns reveals nothing more.
        """
        made = model(self.figures)
        if not all(type(figure) is ModelFigure for figure in made):
            raise SealError("a public model returns ModelFigure objects only.")
        return replace(self, model=(*self.model, *made), seal=_SEAL)


def _chosen(figures: tuple[Figure, ...], wanted: Mapping[str, str]) -> tuple[Figure, ...]:
    for name, value in wanted.items():  # one after the other: each leaves few for the next
        attribute = attrgetter(name)
        figures = tuple(f for f in figures if attribute(f) == value)
    return figures


def _content(release: ProtectedRelease) -> tuple[object, ...]:
    return tuple(getattr(release, field.name, None) for field in fields(release) if field.name != "seal")


def _is_whole(release: ProtectedRelease) -> bool:
    """Whether the release carries a seal, and it is the one that was put on just this content."""
    seal = getattr(release, "seal", None)
    return type(seal) is _Bound and seal.fits(_content(release))


def require_sealed(release: object) -> ProtectedRelease:
    """`release` itself, if `protect` made it; every renderer and writer calls this first.

    Raises
    ------
    SealError
        For anything else: a subclass, a look-alike, a copy with other figures, a release changed by force.
    """
    if type(release) is not ProtectedRelease or not _is_whole(release):
        raise SealError(
            f"{type(release).__name__} is not a protected release. Only what disclosure.protect returns may be shown."
        )
    return release
