"""Attacks on the seal: a release with a number put back, in every way that Python leaves open."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from mapping.disclosure import Figure, ProtectedRelease, Status, protected, require_sealed
from mapping.errors import SealError
from mapping.publish import open_data
from mapping.publish.charts import draw_places
from mapping.publish.maps import draw_map
from mapping.publish.open_data import tables

pytestmark = pytest.mark.xdist_group("squares")  # one release for all

Forge = Callable[[ProtectedRelease, tuple[Figure, ...]], Any]


class Subclass(ProtectedRelease):
    """Looks like a release, and lets everything in."""

    def __post_init__(self) -> None:
        """No look at the seal."""


def with_the_number(release: ProtectedRelease) -> tuple[Figure, ...]:
    """All figures, with a number where one is withheld."""
    hidden = next(f for f in release if f.status is Status.WITHHELD)
    return tuple(replace(f, status=Status.SHOWN, share=2.0) if f is hidden else f for f in release)


def content(release: ProtectedRelease, figures: tuple[Figure, ...]) -> dict[str, Any]:
    return {field.name: getattr(release, field.name) for field in fields(release)} | {"figures": figures}


def by_replace(release: ProtectedRelease, figures: tuple[Figure, ...]) -> Any:
    return replace(release, figures=figures)


def by_the_constructor(release: ProtectedRelease, figures: tuple[Figure, ...]) -> Any:
    return ProtectedRelease(**content(release, figures))


def by_new(release: ProtectedRelease, figures: tuple[Figure, ...]) -> Any:
    made = object.__new__(ProtectedRelease)
    for name, value in content(release, figures).items():
        object.__setattr__(made, name, value)
    return made


def by_a_subclass(release: ProtectedRelease, figures: tuple[Figure, ...]) -> Any:
    return Subclass(**content(release, figures))


def by_a_copy(release: ProtectedRelease, figures: tuple[Figure, ...]) -> Any:
    made = copy.copy(release)
    object.__setattr__(made, "figures", figures)
    return made


def by_force(release: ProtectedRelease, figures: tuple[Figure, ...]) -> Any:
    """The release itself, with one figure overwritten where it lies."""
    made = by_a_copy(release, tuple(copy.copy(f) for f in release))
    object.__setattr__(made, "seal", protected._Bound(protected._content(made)))
    require_sealed(made)
    hidden = next(f for f in made if f.status is Status.WITHHELD)
    object.__setattr__(hidden, "share", 2.0)
    return made


def by_a_look_alike(release: ProtectedRelease, figures: tuple[Figure, ...]) -> Any:
    return SimpleNamespace(**content(release, figures))


def by_a_pickle(release: ProtectedRelease, figures: tuple[Figure, ...]) -> Any:
    """A release that was never made, with what a pickle brought along."""
    brought = pickle.loads(
        pickle.dumps(content(release, figures) | {"response": {}, "policy": {}, "seal": None})
    )
    made = object.__new__(ProtectedRelease)
    for name, value in brought.items():
        object.__setattr__(made, name, value)
    return made


FORGERIES: tuple[Forge, ...] = (
    by_replace, by_the_constructor, by_new, by_a_subclass, by_a_copy, by_force, by_a_look_alike, by_a_pickle,
)  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_release_is_not_printed(
    town_of_squares: Any, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever holds other figures than `protect` gave it is no release to any renderer."""
    release, squares = town_of_squares.closed, town_of_squares
    figures = with_the_number(release)
    with pytest.raises(SealError):
        tables(forge(release, figures), squares.context)

    honest = tables(release, squares.context)["figures.csv"]
    monkeypatch.setattr(protected, "_is_whole", lambda release: True)
    monkeypatch.setattr(open_data, "require_sealed", lambda release: release)
    if forge is not by_a_look_alike:  # which has no rows to go through
        assert tables(forge(release, figures), squares.context)["figures.csv"] != honest


def test_what_protect_made_is_printed_and_a_plain_copy_of_it_is_the_same_release(
    town_of_squares: Any,
) -> None:
    release, squares = town_of_squares.closed, town_of_squares
    assert tables(copy.copy(release), squares.context) == tables(release, squares.context)
    assert require_sealed(replace(release)).figures is release.figures


def test_a_release_does_not_go_into_a_pickle(town_of_squares: Any) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(town_of_squares.closed)


@pytest.mark.parametrize(
    "draw", [draw_places, partial(draw_map, kind="estimate"), partial(draw_map, kind="exceedance")]
)
def test_every_renderer_looks_at_the_seal(town_of_squares: Any, draw: Callable[..., Any]) -> None:
    squares = town_of_squares
    forged = by_new(squares.closed, with_the_number(squares.closed))

    with pytest.raises(SealError):
        draw(forged, squares.context.districts, squares.context.indicators["S04"], wave="2026", language="sv")


def test_a_public_model_does_not_smuggle_figures_in(town_of_squares: Any) -> None:
    """What derive hands out and takes back: nothing but models of printed figures."""
    release = town_of_squares.closed
    with pytest.raises(SealError, match="ModelFigure"):
        release.derive(lambda figures: with_the_number(release))
