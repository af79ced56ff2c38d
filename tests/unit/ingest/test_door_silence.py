"""A canary of each kind is refused, and sings nowhere: not in the message, a log, a name, or what a debugger prints."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pandas as pd
import pytest

import mapping
from mapping.errors import PrivacyError
from mapping.ingest.door import Door, guard, refuse_free_text
from mapping.ingest.raw import RawTable
from mapping.ingest.readers import read_table

HOUSE = Path(mapping.__file__).parent
CANARIES = [
    *("20060421-9980", "060481-9989", "060421-TF77", "kanarie@fagel.se", "070-174 06 05", "+47 406 12 345"),
    *(
        "Kanariegatan 77",
        "761 30 Kanarieby",
        "59.777771,17.777773",
        "POINT (17.7773 59.7771)",
        "193.177.177.7",
    ),
    *("00:1a:2b:3c:77:7f", "Anna Kanariesson", "https://maps.app.goo.gl/kanarie77"),
]


def sung(error: BaseException) -> str:
    """Everything anybody could print of an error: its chain, and the local variables of the program's own frames."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    told = [str(error), repr(error)]
    while found is not None:
        told += [
            "".join(map(str, (frame.locals or {}).values()))
            for frame in found.stack
            if Path(frame.filename).is_relative_to(HOUSE)
        ]
        found = found.__cause__ or found.__context__
    return "\n".join(told)


def assert_silent(error: BaseException, canary: str) -> None:
    said = sung(error)
    assert canary not in said
    digits = "".join(filter(str.isdigit, canary))
    assert len(digits) < 6 or digits not in "".join(filter(str.isdigit, said))


@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_sings_from_a_cell_a_label_or_a_name(canary: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    frame = pd.DataFrame({"v1": ["", canary, f"och {canary} sa hen"]})

    for make in (
        lambda: guard(RawTable("f.csv", "csv", frame)),
        lambda: guard(RawTable("f.csv", "csv", pd.DataFrame({"v1": ["x"]}), titles={"v1": canary})),
        lambda: guard(RawTable("f.csv", "csv", pd.DataFrame({canary: ["x"]}))),
        lambda: guard(RawTable(f"{canary}.csv", "csv", pd.DataFrame({"v1": ["x"]}))),
    )[: 3 if "/" in canary else 4]:
        with pytest.raises(PrivacyError) as caught:
            make()
        assert canary not in str(caught.value)
        assert canary not in repr(caught.value)
    assert canary not in caplog.text


@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_sings_from_a_file_or_its_traceback(tmp_path: Path, canary: str) -> None:
    file = tmp_path / "svar.csv"
    rows = "\n".join(f'{i};"{canary}";Ja' for i in range(20))
    file.write_text(f"id;v1;f31\n{rows}\n", encoding="utf-8")

    with pytest.raises(PrivacyError) as caught:
        read_table(file, ["id", "f31"])

    assert "column 'v1'" in str(caught.value)
    assert_silent(caught.value, canary)


def test_what_the_door_remembers_shows_nothing() -> None:
    door = Door("f.csv")
    door.look(pd.DataFrame({"v1": CANARIES}))

    for seen in (door, *door._columns.values()):
        shown = repr(seen) + "".join(
            repr(getattr(seen, name, "")) for name in getattr(type(seen), "__slots__", ())
        )
        assert not any(canary in shown for canary in CANARIES)


def test_what_stands_beside_the_table_is_looked_through(tmp_path: Path) -> None:
    door = Door("f.xlsx")
    door.read("sheet 'Dold'", ["Kontakt", "kanarie@fagel.se"])

    with pytest.raises(PrivacyError, match="sheet 'Dold' holds e-mail addresses"):
        door.close()


def test_free_text_that_wave_toml_names_is_refused() -> None:
    own = [f"det var i skolan som allting {i} började för mig" for i in range(30)]
    table = RawTable(
        "f.csv", "csv", pd.DataFrame({"q": own, "f31": ["Ja, det får jag alltid göra själv"] * 30})
    )

    refuse_free_text(table, ["f31", "saknas"], "wave.toml of 2026")
    with pytest.raises(PrivacyError, match=r"'q' holds free text \(30 rows\)") as caught:
        refuse_free_text(table, ["q"], "wave.toml of 2026")

    assert "började" not in str(caught.value)
