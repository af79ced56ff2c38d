"""Releases after releases: the ledger, the counts behind it, and what a second release may say."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.estimate_table import EstimateTable, Relation
from mapping.disclosure import (
    EarlierRelease,
    ProtectedRelease,
    Status,
    append,
    enter,
    keep_counts,
    next_entry,
    protect,
    read_earlier,
    read_ledger,
    read_policy,
)
from mapping.disclosure.gate.members import Fate, enrol
from mapping.disclosure.units import gather_units
from mapping.errors import DisclosureError

POLICY = read_policy()
LEDGER = Path("reports") / "ledger" / "ledger.jsonl"


def publish(workspace: Path, tables: Sequence[EstimateTable]) -> ProtectedRelease:
    """What the pipeline does with the ledger."""
    release = protect(tables, POLICY, read_earlier(workspace), key=b"secret")
    keep_counts(workspace, next_entry(workspace / LEDGER, release), tables, POLICY, release)
    append(workspace / LEDGER, release)
    return release


def statuses(release: ProtectedRelease) -> dict[str, Status]:
    return {f.key: f.status for f in release}


def test_a_release_is_entered_with_what_was_printed_and_nothing_else(
    tmp_path: Path, town: EstimateTable
) -> None:
    release = publish(tmp_path, [town])

    (entry,) = read_ledger(tmp_path / LEDGER)

    assert (entry.sequence, entry.wave) == (1, "2026")
    assert set(entry.figures) == {f"{f.key} {f.target}" for f in release}
    for figure in release:
        printed = entry.figures[f"{figure.key} {figure.target}"]
        if figure.status is Status.WITHHELD:
            assert printed == {"status": "withheld", "decimals": 0}
        else:
            assert (printed["share"], printed["base"]) == (figure.share, figure.base)


def test_the_same_release_again_adds_nothing(tmp_path: Path, town: EstimateTable) -> None:
    first = publish(tmp_path, [town])
    before = (tmp_path / LEDGER).read_bytes(), (tmp_path / "data/processed/2026/released.json").read_bytes()

    second = publish(tmp_path, [town])

    assert second.figures == first.figures
    assert (
        (tmp_path / LEDGER).read_bytes(),
        (tmp_path / "data/processed/2026/released.json").read_bytes(),
    ) == before


def test_the_counts_are_the_owners_alone(tmp_path: Path, town: EstimateTable) -> None:
    publish(tmp_path, [town])
    path = tmp_path / "data" / "processed" / "2026" / "released.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(path.parent.glob(".*"))


def test_counts_of_a_release_that_never_came_out_are_replaced(tmp_path: Path, town: EstimateTable) -> None:
    release = protect([town], POLICY, key=b"secret")
    path = keep_counts(tmp_path, next_entry(tmp_path / LEDGER, release), [town], POLICY, release)
    path.write_text(path.read_text(encoding="utf-8").replace('"n":', '"n":1'), encoding="utf-8")

    publish(tmp_path, [town])

    (earlier,) = read_earlier(tmp_path)
    assert earlier.units["2026|S04|municipality|M|all"].unit.n < 1000


def test_counts_that_are_gone_stop_the_next_release(tmp_path: Path, town: EstimateTable) -> None:
    publish(tmp_path, [town])
    (tmp_path / "data" / "processed" / "2026" / "released.json").unlink()
    with pytest.raises(DisclosureError, match=r"Restore that file"):
        read_earlier(tmp_path)


@pytest.mark.parametrize("harm", ["change", "remove", "swap", "add"])
def test_a_ledger_that_was_tampered_with_is_refused(
    tmp_path: Path, town: EstimateTable, tabulate: Callable, pupils: Callable, harm: str
) -> None:
    publish(tmp_path, [tabulate(pupils(5, wave="2024"))])
    publish(tmp_path, [town])
    path = tmp_path / LEDGER
    one, two = path.read_text(encoding="utf-8").splitlines()
    lines = {
        "change": [one.replace('"shown"', '"withheld"', 1), two],
        "remove": [two],
        "swap": [two, one],
        "add": [one.replace("{", '{"also":1,', 1), two],
    }[harm]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DisclosureError, match="line"):
        read_ledger(path)


def test_a_change_in_the_last_line_is_seen_by_the_owner(tmp_path: Path, town: EstimateTable) -> None:
    publish(tmp_path, [town])
    path = tmp_path / LEDGER
    path.write_text(path.read_text(encoding="utf-8").replace('"100–199"', '"200–499"', 1), encoding="utf-8")
    with pytest.raises(DisclosureError, match="not what release 1"):
        read_earlier(tmp_path)


def moved(frame: pd.DataFrame, place: str, indicator: str, by: int) -> pd.DataFrame:
    """The same pupils, `by` more of them in one place with a yes."""
    changed = frame.copy()
    no = changed.index[(changed["place"] == place) & (changed[indicator] == 0)][:by]
    changed.loc[no, indicator] = 1.0
    return changed


def shown_district(release: ProtectedRelease, indicator: str = "S04") -> str:
    return next(
        f.area for f in release.select(indicator=indicator, level="district") if f.status is Status.SHOWN
    )


@pytest.mark.parametrize(
    ("by", "fate"), [(1, Fate.BLANK), (4, Fate.BLANK), (14, Fate.BLANK), (15, Fate.OPEN)]
)
def test_a_count_that_moved_by_few_persons_is_not_printed_again(
    tmp_path: Path, pupils: Callable, tabulate: Callable, by: int, fate: Fate
) -> None:
    """15 more yes and 15 fewer no: as many as a cell of their own must have."""
    frame = pupils(1)
    first = publish(tmp_path, [tabulate(frame)])
    place = shown_district(first)
    changed = tabulate(moved(frame, place, "S04", by))

    members, _ = enrol(gather_units([changed], POLICY), changed.relations, POLICY, read_earlier(tmp_path))

    keys = [f"2026|S04|{cell}|all" for cell in (f"district|{place}", "municipality|M")]
    assert all(statuses(first)[key] is Status.SHOWN for key in keys)
    assert [members[key].fate for key in keys] == [fate, fate]


def test_a_count_that_moved_by_few_persons_is_withheld(
    tmp_path: Path, pupils: Callable, tabulate: Callable
) -> None:
    frame = pupils(1)
    place = shown_district(publish(tmp_path, [tabulate(frame)]))
    second = publish(tmp_path, [tabulate(moved(frame, place, "S04", 14))])
    assert statuses(second)[f"2026|S04|district|{place}|all"] is Status.WITHHELD


def test_what_did_not_change_is_printed_as_before(
    tmp_path: Path, pupils: Callable, tabulate: Callable
) -> None:
    frame = pupils(1)
    first = publish(tmp_path, [tabulate(frame)])

    second = publish(tmp_path, [tabulate(moved(frame, shown_district(first), "S04", 1))])

    assert second.select(indicator="S08") == first.select(indicator="S08")


def test_an_old_blank_stays_blank(tmp_path: Path, pupils: Callable, tabulate: Callable) -> None:
    frame = pupils(1)
    first = publish(tmp_path, [tabulate(frame)])
    place = next(
        f.area for f in first.select(indicator="S04", level="district") if f.status is Status.WITHHELD
    )

    second = publish(tmp_path, [tabulate(moved(frame, place, "S04", 12))])

    blank = {key for key, status in statuses(first).items() if status is Status.WITHHELD}
    assert {statuses(second)[key] for key in blank} == {Status.WITHHELD}


def test_an_old_blank_stays_blank_where_another_choice_would_do(
    tmp_path: Path, pupils: Callable, tabulate: Callable
) -> None:
    """Another key would withhold other cells: what is blank stays so, what is out stays out."""
    table = tabulate(pupils(1))
    first = publish(tmp_path, [table])
    others = [protect([table], POLICY, key=key) for key in (b"a", b"b", b"c", b"d", b"e", b"f")]
    assert any(other.figures != first.figures for other in others)

    for key in (b"a", b"b", b"c", b"d", b"e", b"f"):
        assert protect([table], POLICY, read_earlier(tmp_path), key=key).figures == first.figures


def test_what_a_stricter_policy_withholds_is_not_printed_again(tmp_path: Path, town: EstimateTable) -> None:
    first = publish(tmp_path, [town])
    stricter = read_policy({"base_n": 60})

    second = protect([town], stricter, read_earlier(tmp_path), key=b"secret")

    units = gather_units([town], stricter)
    small = {f.key for f in first if f.status is Status.SHOWN and units[f.key].n < 60}
    assert small
    assert {statuses(second)[key] for key in small} == {Status.WITHHELD}


def test_a_laxer_policy_later_opens_no_old_blank(tmp_path: Path, town: EstimateTable) -> None:
    stricter = read_policy({"base_n": 60})
    first = protect([town], stricter, key=b"secret")
    keep_counts(tmp_path, next_entry(tmp_path / LEDGER, first), [town], stricter, first)
    append(tmp_path / LEDGER, first)

    second = protect([town], POLICY, read_earlier(tmp_path), key=b"secret")

    blank = {key for key, status in statuses(first).items() if status is Status.WITHHELD}
    alone = statuses(protect([town], POLICY, key=b"secret"))
    assert any(alone[key] is Status.SHOWN for key in blank)
    assert {statuses(second)[key] for key in blank} == {Status.WITHHELD}


def test_what_was_printed_earlier_alone_still_counts(tmp_path: Path, town: EstimateTable) -> None:
    """A second release without the areas: they are out, and with them the sums of their districts."""
    first = publish(tmp_path, [town])
    districts = town.frame[town.frame["level"].eq("district") & town.frame["indicator"].eq("S04")]
    alone = EstimateTable.from_frame(districts.assign(indicator="S04"))
    assert {f.status for f in protect([alone], POLICY, key=b"x").figures} == {Status.SHOWN, Status.WITHHELD}

    members, relations = enrol(gather_units([alone], POLICY), alone.relations, POLICY, read_earlier(tmp_path))

    shown = {f.key for f in first if f.status is Status.SHOWN}
    assert {name for name, member in members.items() if member.fate is Fate.KNOWN} == shown
    assert set(relations) == set(town.relations)


def pooled(one: EstimateTable, two: EstimateTable) -> EstimateTable:
    """Both waves, not to be shown again, and their pool, which is."""
    both = pd.concat([one.frame, two.frame], ignore_index=True)
    names = ["indicator", "level", "area", "group", "target"]
    sums = both.groupby(names, sort=False)[["n", "events", "n_unsure"]].sum().reset_index()
    pool = two.frame.drop(columns=["key", "wave", "n", "events", "n_unsure"]).merge(
        sums, on=names, validate="one_to_one"
    )
    share = pool["events"] / pool["n"]
    wide = 2 * np.sqrt((share + 0.5 / pool["n"]) * (1 - share + 0.5 / pool["n"]) / pool["n"])
    pool = pool.assign(
        wave="2024+2026",
        estimate=share,
        ci_low=(share - wide).clip(lower=0),
        ci_high=(share + wide).clip(upper=1),
        register=np.nan,
        reliability="reliable",
    )
    table = EstimateTable.from_frame(pool)
    keys = list(dict.fromkeys(table.frame["key"]))
    ties = [
        Relation.sum_of(key, [key.replace("2024+2026", wave, 1) for wave in ("2024", "2026")]) for key in keys
    ]
    latent = one.frame.assign(publish=False)
    return EstimateTable.from_frame(
        pd.concat([latent, two.frame, table.frame], ignore_index=True),
        (*one.relations, *two.relations, *ties),
    )


def test_a_pool_does_not_give_back_what_an_earlier_wave_withheld(
    tmp_path: Path, pupils: Callable, tabulate: Callable
) -> None:
    """2024 withheld plus 2026 shown is no pool shown: the difference would be the old blank."""
    one, two = tabulate(pupils(5, wave="2024")), tabulate(pupils(6, wave="2026"))
    first = publish(tmp_path, [one])

    second = publish(tmp_path, [pooled(one, two)])

    told = statuses(second)
    blank = [
        key for key, status in statuses(first).items() if status is Status.WITHHELD and "|district|" in key
    ]
    assert blank
    for key in blank:
        parts = [told[key.replace("2024", wave, 1)] for wave in ("2026", "2024+2026")]
        assert Status.WITHHELD in parts


def test_a_wave_made_again_after_a_later_one_prints_the_same(
    tmp_path: Path, pupils: Callable, tabulate: Callable
) -> None:
    one, two = tabulate(pupils(5, wave="2024")), tabulate(pupils(6, wave="2026"))
    first = publish(tmp_path, [one])
    second = publish(tmp_path, [pooled(one, two)])

    assert publish(tmp_path, [one]).figures == first.figures
    assert publish(tmp_path, [pooled(one, two)]).figures == second.figures
    assert len(read_ledger(tmp_path / LEDGER)) == 2


def test_what_earlier_waves_printed_stands_in_the_history(
    tmp_path: Path, pupils: Callable, tabulate: Callable
) -> None:
    one, two = tabulate(pupils(5, wave="2024")), tabulate(pupils(6, wave="2026"))
    first = publish(tmp_path, [one])
    second = publish(tmp_path, [pooled(one, two)])
    assert {(f.key, f.target, f.share) for f in second.history} == {(f.key, f.target, f.share) for f in first}


def test_an_earlier_release_tells_nothing_when_it_is_written_down(
    tmp_path: Path, town: EstimateTable
) -> None:
    publish(tmp_path, [town])
    (earlier,) = read_earlier(tmp_path)
    assert isinstance(earlier, EarlierRelease)
    for thing in (
        earlier,
        earlier.units["2026|S04|municipality|M|all"],
        earlier.units["2026|S04|municipality|M|all"].unit,
    ):
        assert not any(character.isdigit() for character in repr(thing).replace("0x", "").split(" at ")[0])


def test_the_ledger_is_plain_lines_of_json(tmp_path: Path, town: EstimateTable) -> None:
    publish(tmp_path, [town])
    (line,) = (tmp_path / LEDGER).read_text(encoding="utf-8").splitlines()
    assert set(json.loads(line)) == {"sequence", "wave", "figures", "previous"}


def test_what_is_entered_is_copied_to_the_owner(tmp_path: Path, town: EstimateTable) -> None:
    release = protect([town], POLICY, key=b"secret")
    keep_counts(tmp_path, next_entry(tmp_path / LEDGER, release), [town], POLICY, release)

    entry = enter(tmp_path, release)

    copy = tmp_path / "data" / "processed" / "ledger.jsonl"
    assert read_ledger(copy) == read_ledger(tmp_path / LEDGER) == (entry,)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
