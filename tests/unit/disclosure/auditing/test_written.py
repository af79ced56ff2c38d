"""A release read back from its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mapping.disclosure.auditing.audit_release import Leak, Verdict, audit_release
from mapping.disclosure.auditing.written import PrintedCell, read_written, written_beside
from mapping.disclosure.counts import Counts
from mapping.errors import InputError

HEAD = "key,wave,indicator,level,area,group,target,status,share,low,high,decimals,base,count"
ROW = "2026|S04|area|a|all,2026,S04,area,a,all,pupils"


def lay(folder: Path, *rows: str, head: str = HEAD, **about: object) -> Path:
    (folder / "tables").mkdir(parents=True)
    (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")
    (folder / "tables" / "figures.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder


def cell(status: str = "withheld", base: str = "", **numbers: float) -> PrintedCell:
    return PrintedCell("k", "2026", "S04", "area", "a", "all", "pupils", status, numbers, 0, base)


@pytest.mark.parametrize(
    ("row", "tells"),
    [
        (cell(), False),
        (cell(share=1.0), True),
        (cell("shown"), True),
        (cell("none_known"), True),
        (cell(base="30–49"), True),
        (cell("not_asked"), False),
    ],
)
def test_a_row_tells_something_by_a_number_its_status_or_its_base(row: PrintedCell, tells: bool) -> None:
    assert row.tells is tells


def test_a_row_is_read_with_its_numbers(tmp_path: Path) -> None:
    made = read_written(
        lay(
            tmp_path / "2026",
            f"{ROW},shown,12.5,9,16,1,100–199,",
            f"'{ROW},withheld,NA,..,.,,,",
            wave="2026",
            sequence=3,
        )
    )
    shown, blank = made.cells
    assert (shown.numbers, shown.decimals, shown.base) == (
        {"share": 12.5, "low": 9.0, "high": 16.0},
        1,
        "100–199",
    )
    assert (blank.key, blank.numbers, blank.decimals, blank.base) == (shown.key, {}, 0, "")
    assert (made.wave, made.sequence, made.policy, made.files) == ("2026", 3, {}, {})
    assert made.shown() == {shown.key}
    assert made.withheld() == frozenset()


def test_what_a_release_says_of_itself_is_read(tmp_path: Path) -> None:
    made = read_written(lay(tmp_path / "2026", policy={"base_n": 40}, files={"a": "b"}))
    assert (made.wave, made.sequence, made.policy, made.files) == ("2026", None, {"base_n": 40}, {"a": "b"})
    assert made.cells == made.relations == ()


def test_a_line_that_holds_no_number_is_named_by_its_line(tmp_path: Path) -> None:
    folder = lay(tmp_path / "2026", f"{ROW},shown,12,9,16,0,,", f"{ROW},shown,many,9,16,0,,")
    with pytest.raises(InputError, match="line 3 holds something that is no number"):
        read_written(folder)


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="column 'target' is missing"):
        read_written(lay(tmp_path / "2026", "x", head=HEAD.replace("target", "to")))
    with pytest.raises(InputError, match="column 'share' is missing"):
        read_written(lay(tmp_path / "2028", "x", head=HEAD.replace("share", "sh")))


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_release_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    folder = lay(tmp_path / "2026")
    (folder / "release.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"release\.json"):
        read_written(folder)


def test_places_go_by_name_and_one_name_may_be_two_places(tmp_path: Path) -> None:
    folder = lay(tmp_path / "2026")
    rows = (
        "level,area,name",
        "district,d1,Berga",
        "area,A1,Berga",
        "district,'=d2,'=Dal",
        "municipality,M,Stad",
    )
    (folder / "tables" / "areas.csv").write_text("\n".join(rows), encoding="utf-8")
    assert read_written(folder).places == {"Berga": {"d1", "A1"}, "=Dal": {"=d2"}}


def test_places_go_by_their_names_in_both_languages(tmp_path: Path) -> None:
    folder = lay(tmp_path / "2026")
    rows = ("level,area,name,name_en", "area,A1,Dal och Ed,Dal and Ed", "district,d1,Dal,Dal")
    (folder / "tables" / "areas.csv").write_text("\n".join(rows), encoding="utf-8")
    assert read_written(folder).places == {"Dal och Ed": {"A1"}, "Dal and Ed": {"A1"}, "Dal": {"d1"}}


def test_beside_a_release_lie_those_of_other_waves(tmp_path: Path) -> None:
    for name, wave in (
        ("2022", "2022"),
        ("2024", "2024"),
        ("2026", "2026"),
        ("again", "2026"),
        (".draft", "2030"),
    ):
        lay(tmp_path / name, wave=wave)
    release = read_written(tmp_path / "2026")
    assert [other.wave for other in written_beside(release, tmp_path)] == ["2022", "2024"]
    draft = read_written(tmp_path / ".draft")
    assert [other.wave for other in written_beside(draft, tmp_path)] == ["2022", "2024", "2026", "2026"]


def test_a_verdict_says_how_it_was_reached() -> None:
    assert str(Verdict("2026", (), True, 1)).endswith("(checked with the counts behind it).")
    leak = Leak("k", "page.html", "because")
    assert str(Verdict("2026", (leak,), False, 1)) == (
        "wave 2026: 1 leaks (checked from its files alone).\n  k: because (page.html)"
    )


def test_an_audit_counts_the_releases_it_looked_at(tmp_path: Path) -> None:
    for wave in ("2022", "2024", "2026"):
        lay(tmp_path / "reports" / wave, wave=wave)
    assert audit_release(tmp_path / "reports" / "2026").releases == 3


def test_with_the_counts_the_intervals_of_a_reader_are_not_asked(tmp_path: Path) -> None:
    """A part of at most four by its whole's print: where it is six in truth, it is the weights that say so."""
    whole, part = "2026|S04|area|a|all", "2026|S05|area|a|all"
    tie = {"terms": [[part, 1], [whole, -1]], "sense": "<=", "counts": ["events"]}
    rows = f"{ROW},shown,2,1,3,0,150–199,", f"{ROW.replace('S04', 'S05')},withheld,,,,,,"
    folder = lay(tmp_path / "reports" / "2026", *rows, wave="2026", relations=[tie])
    assert [leak.key for leak in audit_release(folder).leaks] == [part]
    truth = {whole: Counts(199, 9), part: Counts(199, 6)}
    assert audit_release(folder, truth).safe
    assert [leak.where for leak in audit_release(folder, truth | {whole: Counts(199, 3)}).leaks] == [
        "attack with the counts"
    ]
