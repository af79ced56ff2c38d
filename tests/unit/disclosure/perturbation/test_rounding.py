"""Controlled rounding: multiples of the base that add up, and an attacker who learns no more than the base."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from mapping.disclosure import audit, perturb
from mapping.errors import DisclosureError, InputError, SettingsError

KEY = b"a workspace's secret"


def table(inner: np.ndarray) -> tuple[pd.DataFrame, dict[str, list[dict[str, object]]]]:
    """A cube with all its margins."""
    labels = [[*map(str, range(size)), "T"] for size in inner.shape]
    for axis in range(inner.ndim):
        inner = np.concatenate([inner, inner.sum(axis=axis, keepdims=True)], axis=axis)
    values = {
        "|".join(place): int(inner[at])
        for at, place in zip(np.ndindex(inner.shape), product(*labels), strict=True)
    }
    relations = []
    for axis in range(inner.ndim):
        for place in product(*labels[:axis], ["?"], *labels[axis + 1 :]):
            names = [
                "|".join(part if i == axis else name for i, name in enumerate(place)) for part in labels[axis]
            ]
            relations.append({"terms": [*([name, 1] for name in names[:-1]), [names[-1], -1]]})
    return pd.DataFrame({"cell": list(values), "value": list(values.values())}), {"relations": relations}


def rounded(cells: pd.DataFrame, relations: object, base: int = 5, **more: object) -> pd.Series:
    found = perturb(cells, relations, method="controlled_rounding", base=base, key=KEY, **more)  # type: ignore[arg-type]
    return found.cells.set_index("cell")["value"]


def adds_up(values: pd.Series, relations: dict[str, list[dict[str, object]]]) -> bool:
    return all(sum(c * values[cell] for cell, c in r["terms"]) == 0 for r in relations["relations"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("base", [3, 5, 10])
@pytest.mark.parametrize("shape", [(3, 4), (6, 5), (8, 3, 2)])
def test_rounded_counts_add_up_and_are_next_to_the_true_ones(shape: tuple[int, ...], base: int) -> None:
    cells, relations = table(np.random.default_rng(sum(shape)).poisson(6, shape))

    found = rounded(cells, relations, base)

    assert (found % base == 0).all()
    assert adds_up(found, relations)
    assert (found.to_numpy() - cells["value"]).abs().max() < base


def test_multiples_stay_as_they_are() -> None:
    cells, relations = table(np.array([[0, 5, 10], [15, 0, 20]]))

    assert rounded(cells, relations).tolist() == cells["value"].tolist()


@pytest.mark.parametrize("base", [3, 5])
def test_an_attacker_with_all_margins_finds_no_interval_narrower_than_the_base(base: int) -> None:
    cells, relations = table(np.random.default_rng(1).poisson(4, (4, 3)))
    found = perturb(cells, relations, method="controlled_rounding", base=base, key=KEY)

    verdict = audit(*found.statement(), truth=cells, min_width=base - 1)

    assert verdict.safe
    assert found.maximum == base - 1
    shown = found.cells.set_index("cell")["value"]
    assert verdict.intervals == {c: (max(0, v - base + 1), v + base - 1) for c, v in shown.items()}


def test_where_no_neighbours_add_up_a_count_may_go_one_multiple_farther() -> None:
    """x + y + z = 3, each pair 2, base 3: the sum stays 3, and three pairs of 0 or 3 sum to 6 only if one of x, y, z
    is 0 with both others 3, or one is 3: then x + y + z is 6 or 3 and the pairs are 3, 3, 6 or 3, 3, 0."""
    cells = pd.DataFrame({"cell": ["x", "y", "z", "xy", "xz", "yz", "n"], "value": [1, 1, 1, 2, 2, 2, 3]})
    relations = {
        "relations": [
            {"terms": [["x", 1], ["y", 1], ["xy", -1]]},
            {"terms": [["x", 1], ["z", 1], ["xz", -1]]},
            {"terms": [["y", 1], ["z", 1], ["yz", -1]]},
            {"terms": [["xy", 1], ["xz", 1], ["yz", 1], ["n", -2]]},
        ]
    }
    neighbours = perturb(cells, relations, method="controlled_rounding", base=3, key=KEY)
    assert neighbours.maximum == 2
    assert adds_up(neighbours.cells.set_index("cell")["value"], relations)

    # x = y and y = z and their sum is 9 of a base 6: only 6, 6, 6 or 0, 0, 0, of which neither sums to 6 or 12
    equal = pd.DataFrame({"cell": ["x", "y", "z", "n"], "value": [3, 3, 3, 9]})
    same = {
        "relations": [
            {"terms": [["x", 1], ["y", -1]]},
            {"terms": [["y", 1], ["z", -1]]},
            {"terms": [["x", 1], ["y", 1], ["z", 1], ["n", -1]]},
        ]
    }
    farther = perturb(equal, same, method="controlled_rounding", base=6, key=KEY)
    assert farther.maximum == 11
    assert adds_up(farther.cells.set_index("cell")["value"], same)


def test_nobody_is_made_up_even_where_counts_must_go_farther() -> None:
    """Three equal counts of 3 go to 0 or 6 each, their sum of 9 to 18 or 0; the empty cell could not, and does not."""
    cells = pd.DataFrame({"cell": ["x", "y", "z", "nobody", "n"], "value": [3, 3, 3, 0, 9]})
    relations = {
        "relations": [
            {"terms": [["x", 1], ["y", -1]]},
            {"terms": [["y", 1], ["z", -1]]},
            {"terms": [["x", 1], ["y", 1], ["z", 1], ["nobody", 1], ["n", -1]]},
        ]
    }
    for secret in range(20):
        found = perturb(cells, relations, method="controlled_rounding", base=6, key=bytes([secret]))
        assert found.maximum == 11
        assert found.cells.set_index("cell")["value"]["nobody"] == 0


def test_what_cannot_add_up_is_refused() -> None:
    """A count that is five times another one, ten times over: 1 becomes 0 or 5, … but 10,000 stays."""
    cells = pd.DataFrame({"cell": ["x", "n"], "value": [1, 10_000]})
    relations = {"relations": [{"terms": [["x", 10_000], ["n", -1]]}]}

    with pytest.raises(DisclosureError, match="add up"):
        rounded(cells, relations)


def test_rounding_is_right_on_average() -> None:
    """Single counts have no relation that would push them: 2,000 of them, standard error 2.4 / √2000 = 0.05."""
    cells = pd.DataFrame({"cell": [f"c{i}" for i in range(2000)], "value": np.arange(2000) % 5 + 20})

    found = rounded(cells, {}).to_numpy() - cells["value"]

    assert abs(found.mean()) < 0.2
    for rest in range(5):
        assert abs(found[cells["value"] % 5 == rest].mean()) < 0.4


def test_the_same_key_gives_the_same_bytes_and_another_key_another_table() -> None:
    cells, relations = table(np.random.default_rng(2).poisson(6, (5, 4)))
    first = rounded(cells, relations)

    assert first.equals(rounded(cells, relations))
    other = perturb(cells, relations, method="controlled_rounding", base=5, key=b"another")
    assert other.cells["value"].tolist() != first.tolist()


def test_latent_cells_are_rounded_along_but_not_printed() -> None:
    cells, relations = table(np.array([[1, 2], [3, 4]]))
    cells["status"] = ["latent" if "T" not in cell else "" for cell in cells["cell"]]

    assert list(rounded(cells, relations).index) == ["0|T", "1|T", "T|0", "T|1", "T|T"]


@pytest.mark.parametrize("status", ["published_earlier", "suppressed_earlier"])
def test_a_cell_that_was_printed_or_withheld_before_is_refused(status: str) -> None:
    cells, relations = table(np.array([[1, 2], [3, 4]]))
    cells["status"] = ["", status, *[""] * 7]

    with pytest.raises(DisclosureError, match="1 cells"):
        rounded(cells, relations)


def test_a_cell_that_is_named_as_printed_elsewhere_is_refused() -> None:
    cells, relations = table(np.array([[1, 2], [3, 4]]))

    with pytest.raises(DisclosureError, match="'1\\|T'"):
        rounded(cells, relations, published=["1|T"])
    with pytest.raises(DisclosureError):
        rounded(cells.assign(cell=cells["cell"]), relations, published=["1"])
    assert len(rounded(cells, relations, published=["nobody's"])) == 9


def test_bad_input_is_refused() -> None:
    cells, relations = table(np.array([[1, 2], [3, 4]]))
    with pytest.raises(InputError, match="relations"):
        rounded(cells.assign(value=1), relations)
    with pytest.raises(InputError, match="missing"):
        rounded(cells.assign(value=cells["value"].where(cells["value"] > 1)), {})
    with pytest.raises(InputError, match="multiple"):
        rounded(cells.head(1), {"relations": [{"terms": [["0|0", 1]], "rhs": 1}]})
    with pytest.raises(SettingsError):
        rounded(cells, relations, base=2)
    with pytest.raises(SettingsError):
        perturb(cells, relations, method="noise", key=KEY)
