"""The codebook as a page to read and as files for machines."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from csvw import TableGroup

from mapping.cli import main
from mapping.codebook import case_fields, categories, evaluate, export, load, page, questions

INDICATORS = load()
OWN = """schema = 1
id = "X01"
name = { sv = "Får inte <b>gå</b> hem till andra", en = "May not visit others" }
rule = "n_visit in (seldom, never)"
definition = { sv = "Får sällan eller aldrig gå hem till andra.", en = "May seldom or never visit others." }
finding = { sv = "får inte gå hem till andra", en = "may not visit others" }
construct = "restriction"
sensitivity = 2
finest = "district"
denominator = { sv = "elever som svarat", en = "pupils who answered" }
period = { sv = "nu", en = "now" }
source = "Egen"
version = "1.0"

[[categories]]
id = "never"
rule = "n_visit == never"
name = { sv = "Aldrig", en = "Never" }
finding = { sv = "får aldrig gå hem till andra", en = "may never visit others" }

[items.n_visit]
question = { sv = "Får du gå hem till andra?", en = "May you visit others?" }
[items.n_visit.answers]
often = { sv = ["Ja"], en = ["Yes"] }
seldom = { sv = ["Sällan"], en = ["Seldom"] }
never = { sv = ["Aldrig"], en = ["Never"] }
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A workspace's folder of indicators with one file in it."""
    folder = tmp_path / "indicators"
    folder.mkdir()
    (folder / "X01.toml").write_text(OWN, encoding="utf-8")
    return folder


def words(html: str, id_: str) -> str:
    """The text of one measure on the page."""
    article = re.search(rf'<article id="{re.escape(id_)}">(.*?)</article>', html, re.DOTALL)
    assert article is not None, id_
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", article[1])).split())


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_measure_stands_on_the_page_with_what_a_reader_needs(language: str) -> None:
    html = page(INDICATORS, language)

    for indicator in INDICATORS.values():
        if indicator.category_of:
            assert f'id="{indicator.id}"' in html
        else:
            shown = words(html, indicator.id)
            for text in (indicator.name, indicator.definition, indicator.denominator, indicator.caveat):
                assert text.get(language, "") in shown, indicator.id
            assert indicator.source in shown and f"{indicator.sensitivity} " in shown


def test_a_rule_is_told_in_plain_words() -> None:
    swedish, english = page(INDICATORS, "sv"), page(INDICATORS, "en")

    assert "svarat ”Ja, men med villkor” eller ”Nej”" in words(swedish, "S04")
    assert "Oskuldsnorm (index) (S03) och (Begränsat val av partner (S04) eller" in words(swedish, "S15")
    assert "decided once at least 4 are answered" in words(english, "S14")
    assert "Persons known (K03) divided by Collectively legitimised violence" in words(english, "K15")
    assert "Concerns only Norm-exposed (S15) or Collectively" in words(english, "S29")
    assert "not (Collectively legitimised violence in the family (S16))" in words(english, "S18")
    assert "Support: “Decided support” or “Open support without decision”" in words(english, "K05")


def test_the_page_is_one_file_that_runs_and_fetches_nothing() -> None:
    for language in ("sv", "en"):
        html = page(INDICATORS, language)
        assert f'<html lang="{language}">' in html
        assert not re.search(r"<script|<link|@import|url\(|src=|https?://", html)
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_a_text_of_the_workspace_is_shown_as_text(own: Path) -> None:
    assert "<b>gå</b>" not in page(load(own), "sv")


def test_an_indicator_is_added_by_one_file(own: Path) -> None:
    """It loads with its question and category, is evaluated, and stands on the page and in the export."""
    assert [path.name for path in own.iterdir()] == ["X01.toml"]
    indicators = load(own)
    found = evaluate(indicators, pd.DataFrame({"n_visit": ["often", "seldom", "never", "unsure"]}))

    assert found["X01"].tolist() == ["no", "yes", "yes", "unsure"]
    assert found["X01.never"].tolist() == ["no", "no", "yes", "unsure"]
    assert [part.id for part in categories(indicators, "X01")] == ["X01.never"]
    assert indicators["X01.never"].subset_of == ("X01",)
    assert "Får du gå hem till andra?" in words(page(indicators, "sv"), "X01")
    assert b"X01.never" in export(indicators, questions(own), case_fields())["indicators.csv"]
    assert set(indicators) - set(INDICATORS) == {"X01", "X01.never"}


def test_the_export_is_valid_by_the_csvw_library(tmp_path: Path) -> None:
    for name, content in export(INDICATORS, questions(), case_fields()).items():
        (tmp_path / name).write_bytes(content)
    group = TableGroup.from_file(tmp_path / "codebook-metadata.json")

    rows = {table.local_name: list(table.iterdicts(strict=True)) for table in group.tables}
    assert {row["id"] for row in rows["indicators.csv"]} == set(INDICATORS)
    assert group.check_referential_integrity(strict=True)
    partner = next(row for row in rows["indicators.csv"] if row["id"] == "S05")
    assert (partner["subset_of"], partner["sensitivity"], partner["core"]) == (["S04"], 3, True)


def test_a_broken_export_is_found_by_the_csvw_library(tmp_path: Path) -> None:
    files = export(INDICATORS, questions(), case_fields())
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "questions.csv").write_bytes(b"".join(files["questions.csv"].splitlines(keepends=True)[:5]))

    group = TableGroup.from_file(tmp_path / "codebook-metadata.json")
    with pytest.raises(ValueError, match=r"Key .* not found"):
        group.check_referential_integrity(strict=True)


def test_every_column_of_the_export_is_described() -> None:
    files = export(INDICATORS, questions(), case_fields())
    for table in json.loads(files["codebook-metadata.json"])["tables"]:
        header = next(csv.reader(io.StringIO(files[table["url"]].decode())))
        assert header == [column["name"] for column in table["tableSchema"]["columns"]]
        assert all(column["dc:description"] for column in table["tableSchema"]["columns"])


def test_the_command_writes_pages_and_export(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    assert main(["--workspace", str(own.parent), "codebook", "--into", str(out), "--language", "sv"]) == 0
    written = sorted(path.name for path in out.iterdir())
    assert written == [
        "answers.csv", "codebook-metadata.json", "codebook.sv.html", "indicators.csv", "questions.csv", "uses.csv",
    ]  # fmt: skip
    assert sorted(Path(line).name for line in capsys.readouterr().out.split()) == written
    assert "X01" in (out / "codebook.sv.html").read_text(encoding="utf-8")
