"""The sealed types: who may make them, and what cannot be inside."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from types import SimpleNamespace

import pytest

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import (
    Figure,
    ModelFigure,
    ProtectedRelease,
    Status,
    protect,
    read_policy,
    require_sealed,
)
from mapping.disclosure.protected import _SEAL
from mapping.errors import SealError


@pytest.fixture(scope="module")
def release(town: EstimateTable) -> ProtectedRelease:
    return protect([town], read_policy(), key=b"secret")


def test_only_protect_makes_a_release() -> None:
    with pytest.raises(SealError, match="protect"):
        ProtectedRelease("2026", (), (), {}, {})
    with pytest.raises(SealError):
        ProtectedRelease("2026", (), (), {}, {}, seal=object())


def test_what_protect_made_is_sealed_and_a_look_alike_is_not(release: ProtectedRelease) -> None:
    assert require_sealed(release) is release
    copied = {
        name: getattr(release, name) for name in ("wave", "figures", "changes", "response", "policy", "seal")
    }
    with pytest.raises(SealError, match="SimpleNamespace"):
        require_sealed(SimpleNamespace(**copied))


def test_a_subclass_is_no_release(release: ProtectedRelease) -> None:
    class Mine(ProtectedRelease):
        pass

    mine = Mine(
        release.wave, release.figures, release.changes, release.response, release.policy, seal=release.seal
    )
    with pytest.raises(SealError, match="Mine"):
        require_sealed(mine)


def test_a_release_cannot_be_changed_in_place(release: ProtectedRelease) -> None:
    with pytest.raises(FrozenInstanceError):
        release.figures = ()  # type: ignore[misc]
    with pytest.raises(TypeError):
        release.policy["small_count"] = 0  # type: ignore[index]


@pytest.mark.parametrize("status", [Status.WITHHELD, Status.NOT_ASKED])
@pytest.mark.parametrize(
    "number", [{"share": 0.0}, {"low": 1.0}, {"count": 3}, {"unsure": 7.0}, {"bounds": (1.0, 2.0)}]
)
def test_a_withheld_figure_cannot_hold_a_number(status: Status, number: dict[str, object]) -> None:
    with pytest.raises(SealError, match="holds a number"):
        Figure("k", "2026", "S04", "area", "a", "all", "pupils", status, **number)  # type: ignore[arg-type]


def test_the_table_of_figures_has_no_number_where_a_cell_is_withheld(release: ProtectedRelease) -> None:
    frame = release.to_frame()
    hidden = frame[frame["status"].eq("withheld")]
    assert len(hidden)
    assert hidden[["share", "low", "high", "unsure", "bounds", "count"]].isna().all(axis=None)


def test_a_public_model_sees_the_printed_figures_alone(release: ProtectedRelease) -> None:
    seen: list[object] = []

    def model(figures: tuple[Figure, ...]) -> tuple[ModelFigure, ...]:
        seen.extend(figures)
        return (ModelFigure("2026", "S04", "area", "a0", 2, 12.0, 8.0, 17.0),)

    derived = release.derive(model)

    assert tuple(seen) == release.figures
    assert require_sealed(derived).model == model(())
    assert release.model == ()


def test_a_public_model_may_return_nothing_else(release: ProtectedRelease) -> None:
    with pytest.raises(SealError, match="ModelFigure"):
        release.derive(lambda figures: figures)  # type: ignore[arg-type,return-value]


def figure(wave: str, area: str = "a", share: float = 12.0) -> Figure:
    key = f"{wave}|S04|area|{area}|all"
    return Figure(key, wave, "S04", "area", area, "all", "pupils", Status.SHOWN, share=share)


def made(*figures: Figure, history: tuple[Figure, ...] = ()) -> ProtectedRelease:
    return ProtectedRelease("2026", figures, (), {}, {}, history=history, seal=_SEAL)


def test_a_figure_is_the_only_one_with_its_names_or_none() -> None:
    release = made(figure("2026"), figure("2026", "b"), figure("2024"))
    assert release.one(area="b") == figure("2026", "b")
    assert release.one(area="a") is None
    assert release.one(area="a", wave="2024") == figure("2024")
    assert release.one(area="c") is None


def test_a_series_takes_each_wave_from_this_release_or_from_print() -> None:
    """Figures of this release come before those of its history; of two in the history none is taken."""
    history = (
        figure("2022"), figure("2026", share=9.0), figure("2020"), figure("2020", share=3.0), figure("2022", "b"),
    )  # fmt: skip
    release = made(figure("2026"), figure("2024", "b"), history=history)
    series = release.series(["2018", "2020", "2022", "2024", "2026"], area="a")
    assert series == [None, None, figure("2022"), None, figure("2026")]


def test_a_seal_fits_the_objects_it_was_put_on_as_they_were() -> None:
    one, two = figure("2026"), figure("2024")
    release = made(one, two)
    assert require_sealed(release) is release
    object.__setattr__(one, "share", 99.0)  # the same object, changed by force
    with pytest.raises(SealError):
        require_sealed(release)
    other = made(two)
    object.__setattr__(other, "figures", (two,))  # another object of the same content
    with pytest.raises(SealError):
        require_sealed(other)
