"""Whom services reach, and removal abroad: parts side by side, a ratio only where it means something, a flow chart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from mapping import codebook
from mapping.concepts.case_file import CaseFile
from mapping.concepts.detection import Detection
from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import ProtectedRelease, protect, read_policy
from mapping.publish import Context
from mapping.publish.chapters.detection import detection, has_detection, reach
from mapping.publish.chapters.removal import case_period, has_flow, removal_cases
from mapping.publish.chart_flow import draw_flow
from mapping.publish.content import content
from mapping.publish.view import View
from mapping.texts import load

CODE = "0199"
MANY = {
    "K03": 140, "K03.survey_ages": 40, "K03.woman": 110, "K03.man": 30, "K03.hbtq": 3,
    "K08": 96, "K08.was_risk": 61, "K08.was_abroad": 52, "K08.was_returned": 24, "K08.risk": 38, "K08.abroad": 30,
    "K08.returned": 24, "K08.new_risk": 58, "K08.new_abroad": 33, "K08.risk_abroad": 14, "K08.abroad_returned": 22,
    "K08.absent": 80, "K08.police_week": 30, "K08.police_later": 26, "K08.police_not": 24,
    "K08.ban_week": 20, "K08.ban_later": 10, "K08.ban_not": 50, "K09": 25,
}  # fmt: skip
FEW = {"K03": 140, "K08": 30, "K08.was_risk": 9, "K08.absent": 8, "K08.police_week": 3, "K09": 4}
SHARES = {"S16": 0.11, "S17": 0.08, "S22": 0.04, "S29": 0.40, "S29.social_services": 0.12, "S29.friend": 0.33}
TOLD = Detection(
    "S17", "hrv", (dt.date(2025, 3, 1), dt.date(2026, 2, 28)), frozenset({2009, 2010})
)  # fmt: skip
CASES = CaseFile(
    "a.csv", ("2025-01-01", "2025-12-31"), "case", {"case": "a", "person": "b", "birth_year": "c"}, {}
)


def released_in(waves: Mapping[str, tuple[Mapping[str, int], Mapping[str, float]]]) -> ProtectedRelease:
    """A release of counts and of shares, by wave; 2,000 pupils on each year's register."""
    classes, rows = codebook.load(), []
    for wave, (cases, shares) in waves.items():
        place = {"wave": wave, "level": "municipality", "area": CODE}
        for id_, n in cases.items():
            rows.append(
                {**place, "indicator": id_, "target": "cases", "n": n, "events": n,
                 "sensitivity": classes[id_].sensitivity}
            )  # fmt: skip
        for id_, share in shares.items():
            n = 1180 if not id_.startswith("S29") else 200
            rows.append(
                {**place, "indicator": id_, "target": "pupils", "sensitivity": classes[id_].sensitivity, "n": n,
                 "events": round(n * share), "n_schools": 9, "largest_school": 0.2, "estimate": share, "se": 0.01,
                 "ci_low": share * 0.8, "ci_high": share * 1.25, "reliability": "reliable"}
            )  # fmt: skip
    counts = {"registered": 2000, "answered": 1180, "schools": 12, "schools_answered": 12}
    frame = pd.DataFrame(rows).fillna({"n_schools": 0, "largest_school": 0.0, "reliability": ""})
    table = EstimateTable.from_frame(frame, response={"2024": counts, "2026": counts})
    return protect([table], read_policy(), synthetic=True, key=b"reach")


def released(cases: Mapping[str, int]) -> ProtectedRelease:
    return released_in({"2026": (cases, SHARES)})


@pytest.fixture(scope="module")
def many() -> ProtectedRelease:
    return released(MANY)


@pytest.fixture(scope="module")
def few() -> ProtectedRelease:
    return released(FEW)


def seen(release: ProtectedRelease, context: Context, language: str = "sv", **wave: Any) -> View:
    now = replace(context.waves[-1], **({"counts": "resident", "cases": CASES, "detection": TOLD} | wave))
    publication = replace(context.publication, indicators=(*MANY, *SHARES))
    around = replace(context, waves=(now,), publication=publication, districts=None, plan=None)
    view = View(release, around, load(language))
    drawn = draw_flow(release, period=case_period(view), wave="2026", language=language)
    return replace(view, pictures={} if drawn is None else {"removal/flow": drawn})


def words(block: Any) -> str:
    """All text of a chapter."""
    if isinstance(block, dict):
        return " ".join(
            words(part) for key, part in block.items() if key not in {"kind", "role", "id", "name"}
        )
    if isinstance(block, list):
        return " ".join(map(words, block))
    return str(block)


def test_a_ratio_is_told_where_both_mean_the_same(many: ProtectedRelease, context: Context) -> None:
    # 40 known; 8 per cent of 2,000 are 160, as printed between 6 and 10 per cent: 4 for each, between 2 and 6
    said = words(detection(seen(many, context)))
    assert (
        "För varje person som socialtjänsten känner till finns enligt enkäten troligen mellan 2 och 6" in said
    )
    assert "kan inte delas" not in said


@pytest.mark.parametrize(
    ("wave", "reason"),
    [
        ({"detection": None}, "inte angivna som lika"),
        ({"counts": "enrolled"}, "Enkäten gäller elever i kommunens skolor"),
        ({"detection": replace(TOLD, reason="ipv")}, "De mäter inte samma sak"),
        ({"detection": replace(TOLD, period=None)}, "samma tolv månader"),
        ({"cases": replace(CASES, columns={"case": "a", "person": "b"})}, "samma åldrar"),
        ({"cases": replace(CASES, columns={"case": "a", "birth_year": "c"})}, "räknar ärenden"),
    ],
)
def test_where_one_thing_differs_the_parts_stand_side_by_side_with_the_reason(
    many: ProtectedRelease, context: Context, wave: dict[str, Any], reason: str
) -> None:
    said = words(detection(seen(many, context, **wave)))
    assert "För varje person" not in said
    assert reason in said
    assert "140 personer utsatta för hedersrelaterat våld under 2025" in said
    assert "I enkäten: 8" in said


def test_too_few_known_give_no_ratio(few: ProtectedRelease, context: Context) -> None:
    said = words(detection(seen(few, context)))
    assert "För varje person" not in said
    assert "För få är kända" in said


def test_exposed_pupils_told_whom(many: ProtectedRelease, context: Context) -> None:
    view = seen(many, context)
    assert "Av de utsatta eleverna är det 12\u00a0procent" in words(detection(view))
    annex, _ = reach(view, "C")
    table = next(b for b in annex["blocks"] if b.get("caption", "").startswith("Utsatta elever"))
    assert [(row[0]["text"], row[1]["text"]) for row in table["rows"]] == [
        ("En kompis", "33"),
        ("Socialtjänsten", "12"),
    ]


def test_the_annex_tells_whom_services_know_and_never_a_small_part(
    many: ProtectedRelease, context: Context
) -> None:
    annex, _ = reach(seen(many, context), "C")
    tables = {block["caption"]: block for block in annex["blocks"] if block["kind"] == "table"}
    equity = next(table for caption, table in tables.items() if caption.startswith("Personer som"))
    rows = {row[0]["text"]: row[1]["text"] for row in equity["rows"]}
    assert rows["Flickor och kvinnor"] == "110"
    assert rows["Hbtq-personer"] == "Redovisas inte"


def test_the_annex_tells_how_the_number_hangs_on_the_definition(
    many: ProtectedRelease, context: Context
) -> None:
    annex, _ = reach(seen(many, context), "C")
    table = next(b for b in annex["blocks"] if b.get("caption", "").startswith("Elever som varje definition"))
    # 2,000 pupils: 8.0 (6.4–10.0) and 11.0 (8.8–13.8) per cent as printed
    assert [row[2]["text"] for row in table["rows"]] == ["120–200", "170–280"]


def test_the_flow_is_a_picture_whose_words_say_the_same(many: ProtectedRelease, context: Context) -> None:
    view = seen(many, context)
    assert has_flow(view)
    picture = view.pictures["removal/flow"]
    assert "Någon gång utomlands: 52." in picture.alt
    assert "Gick från risk till utomlands: redovisas inte." in picture.alt
    drawn = picture.svg.decode()
    assert ">52<" in drawn
    assert ">14<" not in drawn


def test_a_flow_of_few_is_not_drawn_and_said_well(few: ProtectedRelease, context: Context) -> None:
    view = seen(few, context)
    assert not has_flow(view)
    said = words(removal_cases(view))
    assert "de är för få för att visas utan att någon kan kännas igen" in said
    assert "30 personer som riskerade att föras bort" in said
    assert "Hur snart skola" in said


def test_the_main_report_says_how_many_and_the_annex_how_they_moved(
    many: ProtectedRelease, few: ProtectedRelease, context: Context
) -> None:
    for release, count in ((many, 96), (few, 30)):
        view = seen(release, context)
        told = content(view.release, view.context, "sv", view.pictures)
        said = words(next(part for part in told["sections"] if part["id"] == "detection"))
        assert f"{count} personer som riskerade att föras bort" in said
        assert "står i en bilaga" in said
        assert [part["id"] for part in told["annexes"]][-2] == "removal-cases"


def test_steps_of_the_routine_stand_in_order_with_their_median(
    many: ProtectedRelease, context: Context
) -> None:
    table = next(b for b in removal_cases(seen(many, context))["blocks"] if b["kind"] == "table")
    rows = {row[0]["text"]: [cell["text"] for cell in row[1:]] for row in table["rows"]}
    # the median person of 80 is the fortieth: 30 within a week, 56 in all
    assert rows["Polisen får veta"] == ["30", "26", "24", "senare än en vecka"]
    assert rows["Utreseförbud söks"] == ["20", "Redovisas inte", "50", "–"]


def test_the_survey_beside_removal_is_a_lower_bound_and_the_follow_up_no_measure(
    many: ProtectedRelease, context: Context
) -> None:
    said = words(removal_cases(seen(many, context)))
    assert "undre gränser" in said
    assert "25 elever" in said
    assert "inget mått på bortförande" in said


def test_both_languages_have_the_same_chapters(many: ProtectedRelease, context: Context) -> None:
    for made in (detection, removal_cases):
        kinds = [[b["kind"] for b in made(seen(many, context, lang))["blocks"]] for lang in ("sv", "en")]
        assert kinds[0] == kinds[1]


def test_a_release_without_persons_or_help_has_no_such_chapter(
    whole_release: ProtectedRelease, context: Context
) -> None:
    view = View(whole_release, context, load("sv"))
    assert not has_detection(view)
    assert list(reach(view, "C")) == []


def test_only_a_sealed_release_is_drawn(many: ProtectedRelease) -> None:
    from mapping.errors import SealError

    with pytest.raises(SealError):
        draw_flow(object(), period="x", wave="2026", language="sv")  # type: ignore[arg-type]


def test_pooled_years_are_divided_by_pooled_years(context: Context) -> None:
    # 25 of each year; 8.0 per cent of 4,000 pupils in two years: 320 for 50, 6.4 for each
    two = replace(context.waves[-1], counts="resident", cases=CASES, detection=TOLD)
    waves = (replace(two, id="2024"), two)
    made = {"2024+2026": ({"K03.survey_ages": 50}, {"S17": 0.08}), "2026": ({"K03.survey_ages": 9}, {})}
    pool = View(released_in(made), replace(context, waves=waves, districts=None, plan=None), load("sv"))
    assert "troligen mellan 4 och 10" in words(detection(pool))


def test_a_pool_of_years_that_differ_gives_no_ratio(context: Context) -> None:
    two = replace(context.waves[-1], counts="resident", cases=CASES, detection=TOLD)
    waves = (replace(two, id="2024", counts="enrolled"), two)
    made = {"2024+2026": ({"K03.survey_ages": 50}, {"S17": 0.08})}
    pool = View(released_in(made), replace(context, waves=waves, districts=None, plan=None), load("sv"))
    assert "För varje person" not in words(detection(pool))
