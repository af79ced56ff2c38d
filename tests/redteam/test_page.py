"""Attacks on the interactive page: a number of a blank place in its data, its words, or beside its program."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mapping.disclosure import audit_release

pytestmark = pytest.mark.xdist_group("squares")  # one release for all

NAME = "map.sv.html"
PROGRAM = "assets/plotly.min.js"
DATA = re.compile(r'(<script type="application/json" id="data">)(.*?)(</script>)', re.DOTALL)


def with_data(page: str, change: Callable[[dict[str, Any]], object]) -> str:
    """The page after a change of its data."""
    found = DATA.search(page)
    assert found is not None
    data = json.loads(found[2])
    change(data)
    return page[: found.start(2)] + json.dumps(data, ensure_ascii=False) + page[found.end(2) :]


def into_a_column(code: str, column: str) -> Callable[[dict[str, Any]], object]:
    """Puts 87 where the place stands in a column of numbers."""

    def change(data: dict[str, Any]) -> None:
        places = data["places"][0]
        places[column][places["code"].index(code)] = 87

    return change


def of_the_municipality(data: dict[str, Any]) -> None:
    """A figure of a withheld cell beside its key."""
    data["whole"]["key"][0] = "2026|S04|district|d5|all"


PLANTED: Mapping[str, Callable[[str, str, str], str]] = {  # page, name and code of the place
    "a share in a column": lambda page, name, code: with_data(page, into_a_column(code, "S04|2026|all share")),
    "a limit in a column": lambda page, name, code: with_data(page, into_a_column(code, "S04|2026|all high")),
    "a share of the public model": lambda page, name, code: with_data(
        page, into_a_column(code, "S04|2026|all middle")
    ),
    "a column of its own": lambda page, name, code: with_data(
        page, lambda data: data["places"][0].update(n=[87 if c == code else None for c in data["places"][0]["code"]])
    ),
    "beside the key of a cell": lambda page, name, code: with_data(page, of_the_municipality),
    "a label on the map": lambda page, name, code: with_data(
        page, lambda data: data["grounds"][0].update(label=[f"1 1|{name}: 87 %", "2 2"])
    ),
    "a cell of the table": lambda page, name, code: re.sub(
        rf'(<th scope="row">{name}</th>)<td class="none" colspan="2">[^<]*', r'\g<1><td>87', page
    ),
    "a sentence": lambda page, name, code: page.replace("</main>", f"<p>{name}: 87 procent.</p></main>"),
    "what is said of the map": lambda page, name, code: page.replace(
        'role="img" aria-label="', f'role="img" aria-label="{name}: 87 %. ', 1
    ),
    "the program": lambda page, name, code: page.replace("<script>", f'<script>const x = [["{name}", 87]];', 1),
}  # fmt: skip


@pytest.fixture
def folder(town_of_squares: Any, tmp_path: Path) -> Path:
    """A copy of the release that may be spoiled; it no longer says what its files are like."""
    copy = Path(shutil.copytree(town_of_squares.folder, tmp_path / "reports" / "2026"))
    about = json.loads((copy / "release.json").read_text(encoding="utf-8"))
    (copy / "release.json").write_text(json.dumps(about | {"files": {}}), encoding="utf-8")
    return copy


def test_the_page_as_it_was_made_is_found_safe(folder: Path) -> None:
    assert (folder / PROGRAM).exists()
    assert audit_release(folder).safe


@pytest.mark.parametrize("what", PLANTED)
def test_a_number_put_into_the_page_is_found(town_of_squares: Any, folder: Path, what: str) -> None:
    page = folder / NAME
    before = page.read_text(encoding="utf-8")
    after = PLANTED[what](before, town_of_squares.name, town_of_squares.secret)
    assert after != before
    page.write_text(after, encoding="utf-8")

    leaks = audit_release(folder).leaks
    assert {(leak.key.split("|")[3], leak.where) for leak in leaks} == {(town_of_squares.secret, NAME)}


def test_a_number_that_is_printed_elsewhere_is_found_in_the_column_of_a_blank_place(
    town_of_squares: Any, folder: Path
) -> None:
    """The municipality's share may stand beside any place, but not as the place's own."""
    page, code = folder / NAME, town_of_squares.secret

    def change(data: dict[str, Any]) -> None:
        places = data["places"][0]
        places["S04|2026|all share"][places["code"].index(code)] = data["whole"]["share"][0]

    page.write_text(with_data(page.read_text(encoding="utf-8"), change), encoding="utf-8")
    (leak,) = audit_release(folder).leaks
    assert (leak.key, leak.where) == (f"2026|S04|district|{code}|all", NAME)


def test_a_number_put_into_the_drawing_program_is_found(town_of_squares: Any, folder: Path) -> None:
    name, code = town_of_squares.name, town_of_squares.secret
    (folder / PROGRAM).write_text(f'window.x = {{"place": "{name}", "n": 87}};', encoding="utf-8")
    assert {(leak.key.split("|")[3], leak.where) for leak in audit_release(folder).leaks} == {(code, PROGRAM)}


def test_a_page_without_the_gate_would_tell(town_of_squares: Any) -> None:
    """The same page made from everything: the blank place has its share, its class and its words."""
    closed, unprotected = (
        json.loads(DATA.search((where / NAME).read_text(encoding="utf-8"))[2])["places"][0]  # type: ignore[index]
        for where in (town_of_squares.folder, town_of_squares.unprotected)
    )
    at = closed["code"].index(town_of_squares.secret)
    assert unprotected["S04|2026|all share"][at] == 2
    assert [column[at] for column in closed.values() if isinstance(column, list)][2:] == [None] * 6
