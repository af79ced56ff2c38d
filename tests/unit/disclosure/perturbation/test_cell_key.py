"""The cell-key method: the same respondents are printed alike everywhere, right on average, and nothing is exact."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.disclosure import audit, p_table, perturb, record_keys
from mapping.errors import DisclosureError, InputError, SettingsError

KEY = b"a workspace's secret"
SUM = {"relations": [{"terms": [["girls", 1], ["boys", 1], ["all", -1]]}]}


def people(n: int = 40, key: bytes = KEY) -> pd.DataFrame:
    frame = pd.DataFrame({"who": [f"p{i}" for i in range(n)]})
    frame["cell"] = np.where(np.arange(n) % 3 == 0, "girls", "boys")
    frame["cell_key"] = record_keys(frame["who"], key)
    return frame


def cells(frame: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([frame, frame.assign(cell="all")])
    found = both.groupby("cell", as_index=False).agg(value=("who", "size"), cell_key=("cell_key", "sum"))
    return found.assign(cell_key=found["cell_key"] % 2**32)


def printed(frame: pd.DataFrame, relations: dict[str, object], **more: object) -> dict[str, int]:
    found = perturb(frame, relations, method="cell_key", key=KEY, **more)  # type: ignore[arg-type]
    return dict(zip(found.cells["cell"], found.cells["value"], strict=True))


def test_the_same_respondents_get_the_same_count_under_another_name_and_in_another_order() -> None:
    frame = cells(people())
    other = frame.iloc[::-1].assign(cell=lambda f: f["cell"].map({"girls": "F", "boys": "M", "all": "n"}))

    first, second = printed(frame, SUM), printed(other, {})

    assert [first["girls"], first["boys"], first["all"]] == [second["F"], second["M"], second["n"]]


def test_record_keys_depend_on_the_workspace_and_on_nothing_else() -> None:
    frame = people()

    assert frame["cell_key"].between(0, 2**32 - 1).all()
    assert record_keys(frame["who"].iloc[::-1], KEY).sort_index().equals(frame["cell_key"])
    assert not record_keys(frame["who"], b"another").equals(frame["cell_key"])


def test_printed_counts_are_right_on_average_with_the_stated_variance() -> None:
    """4,000 cells of 7 people: the mean's standard error is √(3/4000) = 0.027, the variance's about 0.06."""
    who = pd.Series([f"p{i}" for i in range(28_000)])
    frame = pd.DataFrame(
        {"cell": np.repeat([f"c{i}" for i in range(4000)], 7), "cell_key": record_keys(who, KEY)}
    )
    grouped = frame.groupby("cell", as_index=False).agg(
        value=("cell_key", "size"), cell_key=("cell_key", "sum")
    )
    found = perturb(grouped.assign(cell_key=grouped["cell_key"] % 2**32), {}, method="cell_key", key=KEY)
    error = found.cells["value"] - 7

    assert abs(error.mean()) < 0.1
    assert error.var() == pytest.approx(3.0, abs=0.25)
    assert error.abs().max() == found.maximum == 4


def test_a_key_falls_into_the_share_of_the_table_that_its_deviation_has() -> None:
    """Keys spread evenly over the whole range give each deviation as often as the table says."""
    keys = (np.arange(10_000) * (2**32 // 10_000)).tolist()
    frame = pd.DataFrame({"cell": [f"c{i}" for i in range(10_000)], "value": 2, "cell_key": keys})
    found = perturb(frame, {}, method="cell_key", key=KEY, maximum=3, variance=2.0, smallest=2).cells["value"]
    share = np.bincount(found, minlength=6)[:6] / 10_000

    np.testing.assert_allclose(share, p_table(3, 2.0, smallest=2)[2][1:], atol=2e-4)


def test_zeros_stay_zero_unless_told_otherwise() -> None:
    frame = pd.DataFrame({"cell": [f"c{i}" for i in range(1000)], "value": 0, "cell_key": 0})

    assert set(printed(frame.assign(value=0).head(3), {}).values()) == {0}
    some = list(printed(frame, {}, zeros=0.2, smallest=3).values())
    assert set(some) == {0, 3}
    assert np.mean(np.array(some) > 0) == pytest.approx(0.2, abs=0.05)


def test_keys_that_do_not_belong_to_the_counted_are_refused() -> None:
    frame = cells(people())
    wrong = frame.assign(cell_key=frame["cell_key"].where(frame["cell"] != "all", 5))

    with pytest.raises(InputError, match="add up"):
        printed(wrong, SUM)


@pytest.mark.parametrize("bad", [None, -1, 0.5, 2**32])
def test_a_key_that_is_none_is_refused(bad: object) -> None:
    frame = cells(people()).astype({"cell_key": object})
    frame.loc[0, "cell_key"] = bad

    with pytest.raises(InputError, match="cell_key"):
        printed(frame, {})
    with pytest.raises(InputError, match="cell_key"):
        printed(frame.drop(columns="cell_key"), {})


@pytest.mark.parametrize("who", [["a", "a"], ["a", None]])
def test_respondents_must_be_told_apart(who: list[str]) -> None:
    with pytest.raises(InputError):
        record_keys(pd.Series(who), KEY)


def test_counts_that_the_extremes_give_back_are_not_printed() -> None:
    """Deviations of 1 up, 1 up and 1 down: the printed sum is 3 too small, and only the truth explains that."""
    table = p_table(1, 0.5)
    up, down = 2**32 - 1, 0
    frame = pd.DataFrame({"cell": ["girls", "boys", "all"], "value": [9, 20, 29], "cell_key": [up, up, down]})
    assert table[-1].min() > 0
    relations = {"relations": [{"terms": [["girls", 1], ["boys", 1], ["all", -1]], "sense": "<="}]}
    with pytest.raises(DisclosureError, match="3 of 3"):
        printed(frame, relations, maximum=1, variance=0.5)


def test_the_attacker_knows_that_counts_are_not_negative() -> None:
    frame = pd.DataFrame({"cell": ["nobody"], "value": [0], "cell_key": [0]})

    with pytest.raises(DisclosureError, match="1 of 1"):
        printed(frame, {"relations": [{"terms": [["nobody", 1]], "sense": "<="}]})


def test_the_statement_leaves_every_count_open_and_holds_the_truth() -> None:
    frame = cells(people())
    found = perturb(frame, SUM, method="cell_key", key=KEY)

    verdict = audit(*found.statement(), truth=frame)

    assert verdict.safe
    assert all(high > low for low, high in verdict.intervals.values())


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(SettingsError):
        perturb(cells(people()), SUM, method="cell_key", key=b"")
    with pytest.raises(InputError):
        record_keys(pd.Series(["a"]), b"")
