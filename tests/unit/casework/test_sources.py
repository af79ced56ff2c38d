"""Several sources: shared keys count a person once; without them the count lies between bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mapping.casework import read_cases
from mapping.estimate.cases import joined_bounds

HRV = "Hedersrelaterat våld"
MORE = """
[[cases.sources]]
id = "school"
name = {{ sv = "Elevhälsan", en = "School health" }}
path = "skola.csv"
unit = "person"
shared_keys = {shared}
columns = {{ person = "elev", opened = "dag", reason = "skal" }}
reasons = {{ hrv = ["Heder"] }}
[[cases.aggregates]]
id = "helpline"
name = {{ sv = "Stödtelefonen", en = "Helpline" }}
counts = {{ K03 = 4 }}
"""
SERVICES = [f"{n};{key};2025-01-10;{HRV}" for n, key in enumerate("abcde")]
SCHOOL = "elev;dag;skal\nd;2025-03-01;Heder\ne;2025-03-01;Heder\nx;2025-03-01;Heder\n"


def bounds(extract: Callable[..., Path], shared: str) -> list[list[object]]:
    wave = extract(
        "case;person;opened;reason", SERVICES, more=MORE.format(shared=shared), files={"skola.csv": SCHOOL}
    )
    found = read_cases(None, wave)
    assert found.totals["K03"] == 5  # what social services know is theirs alone
    rows = found.overlap[found.overlap["indicator"] == "K03"]
    return rows.drop(columns=["indicator", "together"]).to_numpy().tolist()


def test_persons_with_shared_keys_count_once(extract: Callable[..., Path]) -> None:
    assert bounds(extract, "true") == [
        ["services", 5, True, 6, 10],
        ["school", 3, True, 6, 10],
        ["helpline", 4, False, 6, 10],
    ]


def test_without_shared_keys_the_overlap_is_between_bounds(extract: Callable[..., Path]) -> None:
    assert bounds(extract, "false") == [
        ["services", 5, True, 5, 12],
        ["school", 3, False, 5, 12],
        ["helpline", 4, False, 5, 12],
    ]


def test_bounds_run_from_the_largest_source_to_the_sum() -> None:
    assert joined_bounds({"a": 10, "b": 3}) == (10, 13)
    assert joined_bounds({}) == (0, 0)
