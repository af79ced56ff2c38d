"""Every number of the page is the number that the release prints, and there is none for what it withholds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from mapping.disclosure import Figure, ProtectedRelease, Status
from mapping.publish import Context
from mapping.publish.page import pages

LETTERS = {Status.SHOWN: "su", Status.NONE_KNOWN: "k", Status.WITHHELD: "w", Status.NOT_ASKED: "a"}

Cells = Callable[[dict[str, Any]], dict[tuple[str, ...], dict[str, Any]]]


def printed(release: ProtectedRelease) -> dict[tuple[str, ...], Figure]:
    """This year's pupils, in this release or as an earlier one printed them."""
    return {
        (f.indicator, f.wave, f.group, f.level, f.area): f
        for f in (*release.history, *release)
        if f.target == "pupils"
    }


def unlike(cells: dict[tuple[str, ...], dict[str, Any]], release: ProtectedRelease) -> list[tuple[str, ...]]:
    """The cells that are not as the release has them."""
    figures, wrong = printed(release), []
    for key, cell in cells.items():
        figure = figures.get(key)
        if figure is None:
            same = cell["state"] in "we" and not any(
                cell[part] is not None for part in ("share", "low", "high")
            )
        else:
            numbers = all(cell[part] == getattr(figure, part) for part in ("share", "low", "high"))
            decimals = figure.share is None or cell["decimals"] == figure.decimals
            uncertain = figure.share is None or (cell["state"] == "u") == figure.uncertain
            # a place without pupils is told by the register, whatever its cell says
            state = cell["state"] in LETTERS[figure.status] + (
                "e" if figure.status is Status.WITHHELD else ""
            )
            same = numbers and decimals and uncertain and state
        if not same:
            wrong.append(key)
    return wrong


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_number_is_the_one_that_is_printed(
    page_files: dict[str, bytes], release: ProtectedRelease, data_of: Any, cells_of: Cells, language: str
) -> None:
    cells = cells_of(data_of(page_files[f"map.{language}.html"]))
    assert unlike(cells, release) == []
    assert sum(cell["share"] is not None for cell in cells.values()) > 6


def test_a_hundred_districts_in_three_waves_are_as_printed(
    hundred: tuple[ProtectedRelease, Context], hundred_files: dict[str, bytes], data_of: Any, cells_of: Cells
) -> None:
    release, _ = hundred
    cells = cells_of(data_of(hundred_files["map.en.html"]))
    assert unlike(cells, release) == []
    assert len(cells) == 3 * 12 * 101
    assert sum(cell["state"] == "w" for cell in cells.values()) > 300


def test_a_wrong_number_would_be_noticed(
    page_files: dict[str, bytes], release: ProtectedRelease, data_of: Any, cells_of: Cells
) -> None:
    cells = cells_of(data_of(page_files["map.sv.html"]))
    silent = next(key for key, cell in cells.items() if cell["state"] == "w")
    cells[silent]["share"] = 2
    assert unlike(cells, release) == [silent]


def test_the_public_model_stands_beside_its_places(
    hundred: tuple[ProtectedRelease, Context], hundred_files: dict[str, bytes], data_of: Any
) -> None:
    release, _ = hundred
    (places,) = data_of(hundred_files["map.sv.html"])["places"]
    modelled = {(f"{m.indicator}|{m.wave}|all", m.area): m for m in release.model}
    found = 0
    for name in {name for name, _ in modelled}:
        for at, code in enumerate(places["code"]):
            model, step = modelled.get((name, code)), places[f"{name} step"][at]
            numbers = [places[f"{name} {part}"][at] for part in ("middle", "from", "to")]
            assert step == ("-" if model is None else "abcde"[model.exceedance])
            assert numbers == ([None] * 3 if model is None else [model.share, model.low, model.high])
            found += model is not None
    assert found == len(modelled)


def test_the_table_holds_the_same_cells_as_the_data(
    page_files: dict[str, bytes], data_of: Any, cells_of: Cells
) -> None:
    page = page_files["map.en.html"].decode()
    data = data_of(page_files["map.en.html"])
    table = re.search(r'<table id="places">(.*?)</table>', page, re.DOTALL)
    assert table is not None
    rows = [
        re.sub(r"<[^>]+>", "|", row).strip("|") for row in re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL)
    ]
    told = {re.split(r"\|+", row)[0]: re.split(r"\|+", row)[1:] for row in rows[1:]}
    (places,) = data["places"]
    cells = cells_of(data)
    for code, name in zip(places["code"], places["name"], strict=True):
        cell = cells[(*data["first"].split("|"), places["level"], code)]
        if cell["share"] is None:
            assert told[name][0] in ("Not shown", "no pupils")
        else:
            assert told[name][:2] == [f"{cell['share']}", f"{cell['low']}–{cell['high']}"]


def test_places_stand_in_the_alphabetical_order_of_the_language(
    page_files: dict[str, bytes], data_of: Any
) -> None:
    swedish, english = (data_of(page_files[f"map.{language}.html"])["places"][0] for language in ("sv", "en"))
    assert swedish["name"] == sorted(
        swedish["name"], key=lambda name: name.replace("Å", "Z1").replace("Ä", "Z2")
    )
    assert english["name"] != swedish["name"]
    assert dict(zip(english["name"], english["code"], strict=True)) == dict(
        zip(swedish["name"], swedish["code"], strict=True)
    )


def test_where_a_place_is_withheld_no_digit_stands(page_files: dict[str, bytes], data_of: Any) -> None:
    """Ekudden: 3 of 140."""
    for name in ("map.sv.html", "map.en.html"):
        (row,) = [r for r in re.findall(r"<tr>(.*?)</tr>", page_files[name].decode()) if "Ekudden" in r]
        assert re.findall(r"\d", re.sub(r"<[^>]+>", "", row)) == []
        (places,) = data_of(page_files[name])["places"]
        at = places["code"].index("05")
        columns = {
            key: column
            for key, column in places.items()
            if isinstance(column, list) and key not in ("code", "name")
        }
        assert {key for key, column in columns.items() if column[at] is not None} == set()
        assert len(columns) == 6


def test_nothing_the_page_says_can_end_its_script(release: ProtectedRelease, context: Context) -> None:
    districts = context.districts
    assert districts is not None
    frame = districts.frame.assign(name=["</script><b>", *districts.frame["name"][1:]])
    object.__setattr__(named := type(districts)(
        districts.id, districts.edition, frame, districts.population, districts.areas
    ), "notes", ())  # fmt: skip
    page = pages(release, type(context)(**{
        name: getattr(context, name) for name in context.__slots__
    } | {"districts": named}))["map.sv.html"].decode()  # fmt: skip
    assert "</script><b>" not in page
    assert json.dumps("\\u003c/script>")[1:-1].replace("\\\\", "\\") in page
