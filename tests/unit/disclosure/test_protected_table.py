"""How protected figures show themselves in a notebook: withheld cells as such."""

from __future__ import annotations

import re

import pytest

from mapping.disclosure.protected import Figure, Status
from mapping.disclosure.protected_table import ProtectedTable


def figure(status: Status, **more: object) -> Figure:
    names = ("2026|S04|area|A3-1|all", "2026", "S04", "area", "A3-1", "all", "pupils")
    return Figure(*names, status, **more)  # type: ignore[arg-type]


def cells(shown: str) -> list[str]:
    return re.findall(r"<td[^>]*>([^<]*)</td>", shown)


@pytest.mark.parametrize(
    ("made", "printed"),
    [
        (figure(Status.SHOWN, share=14.0, low=10.0, high=19.0, base="50–99"), ["14 %", "10–19", "50–99"]),
        (figure(Status.SHOWN, share=3.7, low=3.2, high=4.2, decimals=1), ["3.7 %", "3.2–4.2", ""]),
        (
            figure(Status.SHOWN, share=9.0, low=6.0, high=13.0, uncertain=True),
            ["9 % (uncertain)", "6–13", ""],
        ),
        (figure(Status.SHOWN, count=12), ["12 cases", "", ""]),
        (figure(Status.WITHHELD), ["not shown, so that no one can be recognised"]),
        (figure(Status.NOT_ASKED), ["not asked"]),
        (figure(Status.NONE_KNOWN, high=2.0), ["none known, at most 2 %"]),
    ],
    ids=["share", "decimal", "uncertain", "cases", "withheld", "not asked", "none known"],
)
def test_a_figure_is_shown_as_it_is_printed(made: Figure, printed: list[str]) -> None:
    assert cells(ProtectedTable((made,))._repr_html_())[6:] == printed


def test_only_a_withheld_cell_is_lined() -> None:
    lined = [s for s in Status if "gradient" in ProtectedTable((figure(s, **_numbers(s)),))._repr_html_()]
    assert lined == [Status.WITHHELD]


def _numbers(status: Status) -> dict[str, float]:
    return {"share": 14.0} if status is Status.SHOWN else {}


def test_the_caption_says_how_many_there_are_of_each_and_that_the_rest_is_not_here() -> None:
    table = ProtectedTable((figure(Status.WITHHELD), *[figure(Status.SHOWN, share=14.0)] * 60))
    shown = table._repr_html_()
    assert "60 shown, 1 not shown. The first 40 stand here." in shown
    assert shown.count("<tr>") == 41
    assert repr(table) == "ProtectedTable(60 shown, 1 not shown)"
