"""The files of the page: small, alone in the world, the same bytes every time, and readable without scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from mapping.disclosure import ProtectedRelease
from mapping.errors import SealError
from mapping.publish import Context
from mapping.publish.page import PROGRAM, pages

PAGES = ("map.sv.html", "map.en.html")


@pytest.mark.parametrize("name", PAGES)
def test_a_hundred_districts_take_less_than_400_kilobytes(hundred_files: dict[str, bytes], name: str) -> None:
    assert len(hundred_files[name]) < 400_000


def test_the_drawing_program_is_the_installed_one_and_stands_once(page_files: dict[str, bytes]) -> None:
    installed = Path(str(metadata.distribution("plotly").locate_file("plotly/package_data/plotly.min.js")))
    assert set(page_files) == {*PAGES, PROGRAM}
    assert page_files[PROGRAM] == installed.read_bytes()
    assert all(f'src="{PROGRAM}"' in page_files[name].decode() for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_names_no_other_address(page_files: dict[str, bytes], name: str) -> None:
    page = page_files[name].decode()
    assert re.findall(r"https?://[^\s\"'<]+", page) == ["http://www.w3.org/2000/svg"]
    links = re.findall(r'(?:src|href|action)="([^"#]*)', page)
    assert all("//" not in link and ":" not in link for link in links)
    assert "connect-src 'none'" in page
    assert "choropleth" not in page.lower()


@pytest.mark.parametrize("name", PAGES)
def test_only_the_pages_own_program_may_run(page_files: dict[str, bytes], name: str) -> None:
    page = page_files[name].decode()
    (program,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}' 'self' file:;" in page
    assert not re.search(r"\son\w+=", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))


def test_the_same_release_gives_the_same_bytes(
    page_files: dict[str, bytes], release: ProtectedRelease, context: Context
) -> None:
    again = pages(release, context, beside=["tables/figures.csv", "report.sv.pdf", "report.sv.html"])
    assert again == page_files


@pytest.mark.parametrize(("name", "words"), [("map.sv.html", "Redovisas inte"), ("map.en.html", "Not shown")])
def test_without_scripts_there_are_a_map_and_a_table(
    page_files: dict[str, bytes], name: str, words: str
) -> None:
    still = re.sub(r"<script.*?</script>", "", page_files[name].decode(), flags=re.DOTALL)
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in still
    table = re.search(r'<table id="places">.*?</table>', still, re.DOTALL)
    assert table is not None
    assert words in table[0]
    assert '<form id="choose"' in still and "hidden>" in still.split('<form id="choose"')[1][:80]


def test_the_page_leads_to_what_lies_beside_it_and_to_nothing_else(page_files: dict[str, bytes]) -> None:
    page = page_files["map.sv.html"].decode()
    links = set(re.findall(r'<a [^>]*?href="([^"#]+)"', page))
    beside = {"map.en.html", "report.sv.html", "report.sv.pdf", "tables/figures.csv", "accessibility.sv.html"}
    assert links == beside


def test_a_municipality_without_districts_gets_a_page_without_a_map(
    release: ProtectedRelease, context: Context
) -> None:
    made = pages(release, replace(context, districts=None))
    page = made["map.sv.html"].decode()
    assert set(made) == set(PAGES)
    assert "<script" not in page
    assert "Alla mått för hela kommunen" in page


def test_every_page_of_a_synthetic_municipality_says_so(page_files: dict[str, bytes]) -> None:
    assert all("Syntetiska data / Synthetic data" in page_files[name].decode() for name in PAGES)


def test_nothing_but_a_protected_release_is_shown(context: Context, table: Any) -> None:
    with pytest.raises(SealError):
        pages(table, context)
