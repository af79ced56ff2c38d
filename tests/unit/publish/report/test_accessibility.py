"""The accessibility statement: in both languages, with the municipality's contact, led to from report and page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mapping.disclosure import ProtectedRelease
from mapping.publish import Context
from mapping.publish.accessibility import name_of, statement
from mapping.publish.atlas import atlas
from mapping.publish.content import content
from mapping.publish.page import pages
from mapping.publish.picture import Sheet, in_pixels_of
from mapping.publish.report import set_html


@pytest.mark.parametrize(
    ("language", "says"), [("sv", "delvis förenliga"), ("en", "conform to the act in part")]
)
def test_the_statement_tells_standard_shortcomings_and_law(
    context: Context, language: str, says: str
) -> None:
    page = statement(context, language).decode()
    assert f'<html lang="{language}">' in page
    assert {"EN 301 549", "WCAG 2.2", "PDF/UA-1", "2018:1937"} <= {
        word for word in ("EN 301 549", "WCAG 2.2", "PDF/UA-1", "2018:1937") if word in page
    }
    assert says in page and page.count("<li>") == 6 and "http" not in page.replace("http-equiv", "")


def test_the_contact_is_the_municipality_s_own_or_its_publisher(context: Context) -> None:
    assert "har inte angett någon särskild kontakt" in statement(context, "sv").decode()
    told = replace(context.municipality, accessibility={"contact": "Åsa <asa@exempel.se>"})
    page = statement(replace(context, municipality=told), "sv").decode()
    assert "Vänd dig till: Åsa &lt;asa@exempel.se&gt;." in page


def test_report_and_page_lead_to_it(context: Context, whole_release: ProtectedRelease) -> None:
    report = set_html(content(whole_release, context, "sv"), {}).decode()
    assert f'href="{name_of("sv")}"' in report
    page = pages(whole_release, replace(context, districts=None))["map.sv.html"].decode()
    assert f'href="{name_of("sv")}"' in page


def test_all_pictures_stand_in_one_pdf_with_their_words_and_as_pixels(context: Context) -> None:
    made = []
    for number in range(3):
        sheet = Sheet(4.0, 3.0)
        sheet.text(1, 1, f"Bild {number}", 8.0)
        made.append(sheet.picture(f"p{number}", f"Titel {number}", f"Text {number}"))
    pdf = atlas(made, context, "sv")
    assert pdf == atlas(made, context, "sv")
    assert (
        pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page /") + pdf.count(b"/Type/Page/") == 3
        or b"/Count 3" in pdf
    )
    assert in_pixels_of(made) == {picture.name: picture.png for picture in made}
