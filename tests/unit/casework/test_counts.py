"""Counts that mean what they say: events, cases, persons and children apart, and refusals in plain words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mapping.casework import read_cases
from mapping.errors import InputError, SettingsError
from mapping.estimate.cases import tally, units_of

Write = Callable[..., Path]
HRV, IPV = "Hedersrelaterat våld", "Våld i nära relation"
PLAIN = "case;person;opened;reason"


def test_events_cases_and_persons_are_kept_apart(extract: Write) -> None:
    wave = extract(
        PLAIN,
        [
            f"1;a;2025-01-10;{HRV}",
            f"1;a;2025-02-10;{IPV}",
            f"1;b;2025-02-10;{HRV}",
            f"2;a;2025-03-10;{IPV}",
            f"3;c;2025-04-10;{HRV}",
        ],
    )
    found = read_cases(None, wave)
    counts = tally(found.records).loc["services"]

    assert counts[["events", "cases", "persons"]].tolist() == [5, 3, 3]
    assert [found.totals[i] for i in ("K01", "K02", "K01+K02", "K01orK02")] == [2, 2, 1, 3]
    assert found.totals["K03"] == 3  # a and b stand behind case 1, c behind case 3


def test_removal_happens_to_a_person_and_not_to_all_in_her_case(extract: Write) -> None:
    wave = extract(PLAIN, [f"1;mother;2025-01-10;{IPV}", f"1;girl;2025-01-10;{HRV}, Bortförd"])

    assert read_cases(None, wave).totals["K08"] == 1


def test_a_child_counts_in_its_own_right_through_the_parents_case(extract: Write) -> None:
    wave = extract(
        f"{PLAIN};child_link;birth_year",
        [
            f"1;mother;2025-01-10;{IPV};;1985",
            "7;child1;2025-01-12;Barn i familj;1;2015",
            "8;child2;2025-01-12;Barn i familj;1;2017",
            "8;child2;2025-03-12;Barn i familj;1;2017",  # the same child again
            "9;other;2025-03-12;Barn i familj;99;2012",  # linked to a case that is not about violence
            f"5;girl;2025-03-12;{HRV};;2010",  # a child with a case of her own has not witnessed another's
        ],
    )
    found = read_cases(None, wave)

    assert found.totals["K13"] == 2
    assert found.totals["K03"] == 1  # the girl, not the children of K02
    assert tally(found.records).loc["services", "children"] == 3


def test_children_named_on_the_parents_row_count_as_well(extract: Write) -> None:
    wave = extract(
        f"{PLAIN};child;support",
        [f"1;mother;2025-01-10;{IPV};c1, c2;Beviljad insats", f"2;father;2025-01-10;{HRV};c2;Ingen insats"],
    )
    found = read_cases(None, wave)

    assert (found.totals["K13"], found.totals["K03"], found.totals["K05"]) == (2, 1, 0)


def test_support_and_closing_are_read_over_all_events_of_a_case(extract: Write) -> None:
    wave = extract(
        f"{PLAIN};support;closed;close_reason;birth_year",
        [
            f"1;a;2025-01-10;{HRV};Ingen insats;;;1980",
            f"1;a;2025-02-10;{HRV};Beviljad insats;2025-06-01;Målet delvis uppnått;1980",
            f"2;b;2025-02-10;{HRV};Beviljad insats;;;1980",
            f"3;c;2025-02-10;{HRV};Beviljad insats;2025-06-01;Målet uppnått;2012",  # a child
            f"4;d;2025-02-10;{IPV};Beviljad insats;2025-06-01;Målet uppnått;1980",
            f"5;e;2025-02-10;{HRV};;2025-06-01;Målet uppnått;1980",  # nobody knows of any support
        ],
    )
    totals = read_cases(None, wave).totals

    assert (totals["K05"], totals["K06"]) == (3, 1)
    kolada = [totals[f"K01orK02.{part}"] for part in ("adults", "supported", "goal_reached")]
    assert kolada == [4, 3, 2]  # adults of either reason; with support; closed with the goal reached


def test_who_came_back_within_a_year_is_followed_beyond_the_period(extract: Write) -> None:
    rows = [
        f"1;a;2024-02-01;{HRV};2024-03-01",
        f"2;a;2025-02-20;{HRV};",  # back within 12 months
        f"3;b;2024-02-01;{HRV};2024-05-01",
        f"4;b;2025-06-01;{HRV};",  # back after 13
        f"5;c;2025-02-01;{HRV};2025-05-01",  # closed too late to be followed
    ]
    keys = 'days = ["2024-01-01", "2025-12-31"]'
    found = read_cases(None, extract(f"{PLAIN};closed", rows, keys))

    assert found.totals["K16"] == 1
    assert found.totals["K01"] == 3  # those opened in the period
    short = read_cases(None, extract(f"{PLAIN};closed", rows))
    assert "K16" not in short.totals and "'days' in wave.toml of 2026 [cases]" in short.refused["K16"]


@pytest.mark.parametrize(
    ("id_", "says"),
    [
        ("K05", r"arenden.csv: K05 cannot be counted: it has no column for 'support'"),
        ("K06", r"no column for 'support' and 'close_reason'|'closed'"),
        ("K13", r"no column for 'child_link'"),
        ("K14", r"no column for 'perpetrator'"),
        ("K10", r"no column for 'birth_year' and 'decision'"),
    ],
)
def test_what_an_extract_cannot_give_is_refused_with_the_remedy(extract: Write, id_: str, says: str) -> None:
    found = read_cases(None, extract(PLAIN, [f"1;a;2025-01-10;{HRV}"]))

    assert id_ not in found.totals
    assert pd.Series([found.refused[id_]]).str.contains(says).all()
    assert "'columns' of wave.toml of 2026 [cases]" in found.refused[id_]


def test_cases_are_not_counted_where_only_persons_can_be_told_apart(extract: Write) -> None:
    wave = extract("person;opened;reason", [f"a;2025-01-10;{HRV}", f"a;2025-02-10;{HRV}"])
    wave.write_text(
        wave.read_text(encoding="utf-8").replace('unit = "event"', 'unit = "person"'), encoding="utf-8"
    )
    found = read_cases(None, wave)

    assert found.totals["K03"] == 1
    assert "K01" not in found.totals and "'case'" in found.refused["K01"]


def test_a_text_that_nothing_explains_keeps_its_field_out(extract: Write) -> None:
    rows = [f"{n};p{n};2025-01-10;{HRV};Polis" for n in range(6)] + [f"7;a;2025-01-10;{HRV};Via grannen"]
    found = read_cases(None, extract(f"{PLAIN};source", rows))

    assert "K04" not in found.totals
    assert "holds texts that nothing explains, in 1 row" in found.refused["K04"]
    assert "[cases.values.source]" in found.refused["K04"] and "grannen" not in found.refused["K04"]

    explained = extract(f"{PLAIN};source", rows, more='[cases.values.source]\nother = ["Via grannen"]')
    totals = read_cases(None, explained).totals
    assert (totals["K04"], totals["K04.police"], totals["K04.other"]) == (7, 6, 1)


def test_several_perpetrators_stand_in_one_cell(extract: Write) -> None:
    rows = [
        f"1;a;2025-01-10;{HRV};Förälder, Syskon;Två eller fler",
        f"2;b;2025-01-10;{HRV};Partner;En",
        f"3;c;2025-01-10;{HRV};;",
    ]
    totals = read_cases(None, extract(f"{PLAIN};perpetrator;perpetrators", rows)).totals

    assert [totals[f"K14{part}"] for part in ("", ".parent", ".sibling", ".partner", ".several")] == [
        2,
        1,
        1,
        1,
        1,
    ]


def test_the_last_state_of_a_removal_counts(extract: Write) -> None:
    rows = [
        "1;a;2025-01-10;Bortförd;Risk;2025-01-10",
        "1;a;2025-05-10;Bortförd;Har återvänt;2025-09-01",
        "1;a;2025-06-10;Bortförd;Utomlands;2025-04-01",  # written down late
        "2;b;2025-06-10;Bortförd;Utomlands;2025-06-01",
    ]
    totals = read_cases(None, extract(f"{PLAIN};removal_state;state_from", rows)).totals

    assert [totals[f"K08{s}"] for s in ("", ".risk", ".abroad", ".returned")] == [2, 0, 1, 1]


def test_columns_dropped_at_the_door_identify_nobody(extract: Write) -> None:
    wave = extract(PLAIN, [f"1;a;2025-01-10;{HRV}"])
    rows = [f"1;a;2025-01-10;{HRV};20060421-9980", f"2;b;2025-01-10;{HRV};20060421-9980"]
    (wave.parent / "arenden.csv").write_text("\n".join([f"{PLAIN};personnr", *rows]), encoding="utf-8")
    text = wave.read_text(encoding="utf-8")
    with pytest.raises(Exception, match="'personnr' holds"):
        read_cases(None, wave)
    wave.write_text(text.replace('unit = "event"', 'unit = "event"\ndrop = ["personnr"]'), encoding="utf-8")

    assert read_cases(None, wave).totals["K01"] == 2


def test_a_column_cannot_be_read_and_dropped(extract: Write) -> None:
    wave = extract(PLAIN, [f"1;a;2025-01-10;{HRV}"], 'drop = ["person"]')

    with pytest.raises(SettingsError, match="'person' is both read and dropped"):
        read_cases(None, wave)


def test_digests_are_no_events(extract: Write) -> None:
    rows = [
        *(f"{n};p;2025-01-10;{HRV}" for n in range(3)),
        *(f"9{n};p;2025-01-11;Sammanfattning natt" for n in range(6)),
    ]
    found = read_cases(None, extract(PLAIN, rows, 'exclude = { reason = ["Sammanfattning natt"] }'))

    assert tally(found.records).loc["services", "events"] == 3
    assert any("6 rows that are no events" in note for note in found.notes)


def test_a_date_that_is_none_stops_the_intake_but_an_empty_one_does_not(extract: Write) -> None:
    header = f"{PLAIN};closed"
    assert read_cases(None, extract(header, [f"1;a;2025-01-10;{HRV};"])).totals["K01"] == 1
    with pytest.raises(InputError, match="'closed' holds no date in data row 1"):
        read_cases(None, extract(header, [f"1;a;2025-01-10;{HRV};snart"]))


def test_nobody_can_read_the_records_by_printing_them(extract: Write) -> None:
    found = read_cases(None, extract(PLAIN, [f"1;hemlig;2025-01-10;{HRV}"]))

    assert repr(found.records) == "CaseRecords(wave='2026')"
    assert "hemlig" not in units_of(found.records, "person").index.tolist()
