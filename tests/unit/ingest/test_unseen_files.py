"""Bad inputs of kinds nobody listed: each is stopped with its column and a remedy, or read right."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.errors import InputError, MappingError, PrivacyError
from mapping.ingest import read_survey

HEAD = """schema = 1
id = "2026"
survey = "Ung"
fieldwork = ["2026-03-01", "2026-03-31"]
[file]
path = "ung.csv"
respondent = "id"
[area]
kind = "residence"
column = "omr"
[items.n_study]
variable = "f31"
values = { yes = "Ja", no = "Nej" }
"""
ROWS = 24


def stopped(folder: Path, column: str, values: list[str], more: str = "") -> str:
    """What is said about a sound file with one column more; "" where it is read."""
    wave = folder / "2026"
    wave.mkdir()
    (wave / "wave.toml").write_text(HEAD + more, encoding="utf-8")
    cells = [values[i % len(values)] for i in range(ROWS)]
    lines = [f'{i};{"AB"[i % 2]};{("Ja", "Nej")[i % 3 == 0]};"{cell}"' for i, cell in enumerate(cells, 1)]
    text = "\n".join([f'id;omr;f31;"{column}"', *lines]) + "\n"
    (wave / "ung.csv").write_text(text, encoding="utf-8")
    try:
        found = read_survey(None, wave / "wave.toml", districts={"A", "B"})
    except MappingError as error:
        assert "ung.csv" in str(error) or "wave" in str(error)
        assert str(error).rstrip().endswith(".")
        assert not any(value in str(error) for value in values if len(value) > 4)
        return str(error)
    assert len(found.frame) == ROWS
    assert column not in found.frame
    return ""


IDENTIFYING = {
    "pnr in brackets": ["(060421-9980)"],
    "pnr after colon": ["pnr:200604219980"],
    "pnr in json": ['{""id"": ""20060421-9980""}'],
    "pnr wide": ["０６０４２１－９９８０"],
    "pnr with soft hyphen": ["060421\u00ad-9980"],
    "pnr between words": ["jag heter x och har 060421 9980 ok"],
    "pnr over two lines": ["se\n060421-9980"],
    "pnr in markup": ["<b>060421-9980</b>"],
    "pnr in formula": ["=060421-9980"],
    "pnr with direction signs": ["\u202e060421-9980\u202c"],
    "interim number": ["20060421-TF12"],
    "e-mail in brackets": ["<elev@skola.se>"],
    "e-mail disguised": ["elev [at] skola [punkt] se"],
    "e-mail as link": ["mailto:elev@skola.se?subject=x"],
    "mobile": ["0701740605"],
    "mobile with country": ["+46701740605"],
    "mobile in text": ["snap eller 070 174 06 05"],
    "street": ["Kanariegatan 12B"],
    "street in lower case": ["vi bor på kanariegatan 12"],
    "postcode and place": ["76130 NORRTÄLJE, 761 30 Norrtälje"],
    "postcodes": ["761 30", "761 41", "762 91"],
    "position": ["59.195363, 17.625689"],
    "position with commas": ["59,195363 17,625689"],
    "degrees": ['59°11\'43""N 17°37\'32""E'],
    "well-known text": ["POINT(17.625689 59.195363)"],
    "map link": ["https://maps.google.com/?q=59.19,17.62"],
    "short map link": ["https://maps.app.goo.gl/abcdefg"],
    "plus code": ["9FFW84J9+Q8"],
    "geojson": ['{""type"": ""Point"", ""coordinates"": [17.6, 59.1]}'],
    "network": ["193.10.12.7"],
    "network six": ["2001:6b0:e:2a18::118"],
    "device": ["00:1a:2b:3c:4d:5e"],
    "names": ["Anna Svensson", "Erik Lind", "Fatima Ali", "Hugo Ek"],
    "names turned": ["Svensson, Anna", "Lind, Erik", "Ali, Fatima"],
    "names in capitals": ["ANNA SVENSSON", "ERIK LIND", "MAJA ÖBERG"],
    "days of birth": ["2009-01-02", "2009-05-17", "2009-11-30", "2010-02-14"],
    "days of birth short": ["090102", "090517", "091130", "100214"],
    "days of birth in words": ["2 jan 2009", "17 maj 2009", "30 nov 2009"],
}


@pytest.mark.parametrize("kind", IDENTIFYING)
def test_an_identifier_in_a_column_that_nobody_named_stops_the_file(tmp_path: Path, kind: str) -> None:
    assert "column 'x1' holds" in stopped(tmp_path, "x1", IDENTIFYING[kind])


@pytest.mark.parametrize(
    "column",
    [
        *(
            "Namn",
            "Elevens namn",
            "efternamn",
            "E-post",
            "elev_epost",
            "RecipientEmail",
            "IPAddress",
            "mobilnr",
        ),
        *(
            "personnr",
            "vh1_telefonnummer",
            "LocationLatitude",
            "Födelsedatum",
            "home address",
            "postnr",
            "060421-9980",
        ),
        *("Förna\u200bmn", "ＮＡＭＮ"),
    ],
)
def test_a_column_called_after_an_identifier_stops_the_file(tmp_path: Path, column: str) -> None:
    assert "holds" in stopped(tmp_path, column, ["abc", "x1y2z3", "q"])


HARMLESS = {
    "formulas": ["=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-1"],
    "markup": ["<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://x}", "'; DROP TABLE x; --"],
    "emoji and Arabic": ["مدرسة", "😀", "\u202eabc", "A\u030a"],
    "long": ["x" * 5000],
    "days of answering": ["2026-03-02 10:49:20", "2026-03-03T08:00:00+01:00"],
    "numbers of keys": ["S2024-00012", "20260302104920", "4f2a9c07-4d1e-4a2b-9c1d-0a1b2c3d4e5f"],
    "an old wave": ["2012-03-02", "2012-03-09", "2012-04-01"],
    "sums of money": ["1 234 567,50", "-12", "1e5"],
    "nothing": [""],
    "backslashes": ["\\\\server\\share", "..\\..\\x", "%2e%2e/", "file:///x"],
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_harms_nobody_is_let_through_and_left_behind(tmp_path: Path, kind: str) -> None:
    assert stopped(tmp_path, "x1", HARMLESS[kind]) == ""


@pytest.mark.parametrize(
    ("column", "values", "more", "message"),
    [
        ("alder", ["15", "16", "199"], '[checks]\nage = "alder"\n', "'alder' gives an age outside"),
        ("dag", ["2026-03-02", "2999-01-01"], '[checks]\nanswered = "dag"\n', "has not come yet"),
        ("v", ["1", "-3"], '[design]\nweights = "v"\n', "'v'"),
        ("v", ["1", "NaN"], '[design]\nweights = "v"\n', "'v'"),
        ("v", ["1", "1", "1e308"], '[design]\nweights = "v"\n', "'v'"),
        ("q", ["Ja", "Nja"], '[items.n_married]\nvariable = "q"\nvalues = { yes = "Ja", no = "Nej" }\n', "'q'"),
        ("k", ["Sverige", "Irak"], '[groups.g]\ncolumn = "k"\nlabels = { a = "Sverige", b = "Irak" }\n', "never"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_its_column(
    tmp_path: Path, column: str, values: list[str], more: str, message: str
) -> None:
    assert message in stopped(tmp_path, column, values, more)


def test_a_file_named_after_somebody_is_refused_without_her_name(tmp_path: Path) -> None:
    file = tmp_path / "060421-9980.csv"
    file.write_text("id;f31\n1;Ja\n", encoding="utf-8")
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "wave.toml").write_text(HEAD, encoding="utf-8")

    with pytest.raises(PrivacyError) as caught:
        read_survey(file, tmp_path / "2026" / "wave.toml")

    assert "9980" not in str(caught.value)
    assert isinstance(caught.value, InputError)
