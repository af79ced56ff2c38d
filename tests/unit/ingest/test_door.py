"""What identifies a person stops at the door, and is never repeated."""

from __future__ import annotations

import pandas as pd
import pytest

from mapping.errors import PrivacyError
from mapping.ingest.door import guard, is_personal_number
from mapping.ingest.raw import RawTable

# birth numbers 980 to 999 are set aside for tests (Swedish Tax Agency): these belong to nobody
NUMBERS = [
    "200604219980",
    "20060421-9980",
    "060421-9980",
    "0604219980",
    "(20060421 9980)",
    "060421+9980",
    "nr0604219980!",
]


def table(values: list[object], name: str = "v1", **more: object) -> RawTable:
    return RawTable("f.csv", "csv", pd.DataFrame({name: values}), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", NUMBERS)
def test_personal_numbers_are_recognised_in_every_form(text: str) -> None:
    assert is_personal_number(text)


def test_coordination_numbers_are_recognised() -> None:
    assert is_personal_number("060481-998" + str(_luhn("060481998")))


def _luhn(nine: str) -> int:
    doubled = [int(d) * (2 - i % 2) for i, d in enumerate(nine)]
    return -sum(d // 10 + d % 10 for d in doubled) % 10


@pytest.mark.parametrize(
    "text",
    [
        "20060421-9981",  # wrong checksum
        "20061321-9987",  # no such month
        "2024-03-15 12:30",
        "0188A0010",
        "17,744200",
        "1,0604219980",
        "100604219980123",
    ],
)
def test_what_only_resembles_a_personal_number_passes(text: str) -> None:
    assert not is_personal_number(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (*["ring 20060421-9980"], "Swedish personal numbers"),
        ("elev@skola.se", "e-mail addresses"),
        ("070-174 06 05", "phone numbers"),
        ("+46 70 174 06 05", "phone numbers"),
        ("018-727 00 00", "phone numbers"),
        ("bor på Storgatan 12", "addresses"),
        ("761 30 Norrtälje", "addresses"),
        ("59.195363,17.625689", "positions"),
        ("193.10.12.7", "network addresses"),
    ],
)
def test_each_kind_is_named_with_its_column_and_rows_but_not_its_value(text: str, kind: str) -> None:
    with pytest.raises(PrivacyError) as caught:
        guard(table(["", text, "inget", text]))

    message = str(caught.value)
    assert "column 'v1'" in message and f"{kind} (2 rows)" in message
    assert text not in message


@pytest.mark.parametrize(
    "dates", [["15/02/2016"], ["2024-03-15"], ["15.02.2016"], ["2025-01-01 10:49:20 +01:00"], ["20240315"]]
)
def test_dates_and_times_pass(dates: list[object]) -> None:
    guard(table(dates * 5, "svarsdatum"))


def test_running_numbers_and_time_stamps_pass() -> None:
    guard(table([f"20240315{h:02d}{m:02d}" for h in range(24) for m in range(60)], "tid"))
    guard(table([float(1000000000 + i * 7919) for i in range(3000)], "lopnr"))
    guard(table([f"R2024{i:05d}" for i in range(300)], "respid"))


def test_personal_numbers_stored_as_plain_numbers_are_caught_without_their_zero() -> None:
    with pytest.raises(PrivacyError, match=r"Swedish personal numbers \(1 row\)"):
        guard(table([604219980.0], "lopnr"))


@pytest.mark.parametrize(
    "name", ["Namn", "för_namn", "E-post", "mobilnr", "personnummer", "MC_DOB", "HOME_POST", "gps"]
)
def test_columns_named_after_identifiers_are_refused_whatever_they_hold(name: str) -> None:
    with pytest.raises(PrivacyError, match=f"'{name}'"):
        guard(table(["x", "y"], name))


@pytest.mark.parametrize("name", ["skolnamn", "omrade_namn", "stadsdel", "kommentar", "nAlcoholDays", "f31"])
def test_names_that_only_contain_such_words_pass(name: str) -> None:
    guard(table(["x", "y"], name))


def test_labels_and_titles_are_looked_through_too() -> None:
    with pytest.raises(PrivacyError, match="in its label or value labels"):
        guard(table([1.0], labels={"v1": {1.0: "kontakta elev@skola.se"}}))
    with pytest.raises(PrivacyError, match="in its label or value labels"):
        guard(table([1.0], titles={"v1": "Svar från 060421-9980"}))


def test_an_identifier_in_a_column_name_is_not_repeated() -> None:
    with pytest.raises(PrivacyError) as caught:
        guard(table(["x"], "060421-9980"))

    assert "9980" not in str(caught.value)
