"""What identifies nobody passes the door: the columns of real surveys, registers and case extracts."""

from __future__ import annotations

import datetime as dt
import tomllib
import uuid
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mapping.errors import InputError, PrivacyError
from mapping.ingest.door import Door
from mapping.ingest.readers import read_table

ROWS = 2000
CHANCE = np.random.default_rng()


def pick(*values: object) -> list[object]:
    return [values[i] for i in CHANCE.integers(len(values), size=ROWS)]


def days(first: dt.date, span: int, *, weekdays: bool = False) -> list[dt.date]:
    found = [first + dt.timedelta(int(i)) for i in CHANCE.integers(span, size=ROWS)]
    return [day - dt.timedelta(max(0, day.weekday() - 4)) for day in found] if weekdays else found


def stamps(shape: str) -> list[str]:
    start = dt.datetime(2026, 3, 1, 7, 0, 0)
    return [
        (start + dt.timedelta(seconds=int(i))).strftime(shape) for i in CHANCE.integers(5_000_000, size=ROWS)
    ]


COLUMNS: dict[str, Callable[[], list[object]]] = {
    "svarsdatum": lambda: [f"{day}" for day in days(dt.date(2026, 3, 1), 90)],
    "datum": lambda: [f"{day:%Y%m%d}" for day in days(dt.date(2016, 3, 1), 60)],
    "datum_tal": lambda: [float(f"{day:%Y%m%d}") for day in days(dt.date(2026, 1, 1), 200)],
    "datum_kort": lambda: [f"{day:%y%m%d}" for day in days(dt.date(2026, 1, 1), 200)],
    "inkom": lambda: [f"{day:%d/%m/%Y}" for day in days(dt.date(2012, 1, 1), 2500, weekdays=True)],
    "v20": lambda: [f"{day}" for day in days(dt.date(2012, 1, 1), 2500, weekdays=True)],
    "tidpunkt": lambda: stamps("%Y-%m-%d %H:%M:%S"),
    "tid_iso": lambda: stamps("%Y-%m-%dT%H:%M:%S+01:00"),
    "tid_tal": lambda: stamps("%Y%m%d%H%M"),
    "tid_sek": lambda: stamps("%Y%m%d%H%M%S"),
    "tid_punkt": lambda: stamps("%Y-%m-%d %H.%M"),
    "tid_hel": lambda: stamps("%Y-%m-%d %H%M"),
    "period": lambda: [f"{day} {day + dt.timedelta(5)}" for day in days(dt.date(2026, 3, 1), 90)],
    "klockslag": lambda: stamps("%H:%M:%S"),
    "unix": lambda: [float(1_770_000_000 + i) for i in CHANCE.integers(5_000_000, size=ROWS)],
    "unix_ms": lambda: [float(1_770_000_000_000 + i) for i in CHANCE.integers(5_000_000_000, size=ROWS)],
    "lopnr": lambda: [float(i) for i in range(1, ROWS + 1)],
    "lopnr_stort": lambda: [float(1_000_000_000 + i * 7919) for i in range(ROWS)],
    "lopnr_text": lambda: [f"{i:010d}" for i in range(ROWS)],
    "id_sju": lambda: [float(i) for i in CHANCE.choice(np.arange(1_000_000, 9_999_999), ROWS, replace=False)],
    "id_sex": lambda: [float(i) for i in CHANCE.choice(np.arange(100_000, 999_999), ROWS, replace=False)],
    "id_tio": lambda: [str(i) for i in CHANCE.integers(1_000_000_000, 9_999_999_999, size=ROWS)],
    "respid": lambda: [f"R2024{i:05d}" for i in range(ROWS)],
    "respid_datum": lambda: [f"R2604{21 + i % 9}{i:04d}" for i in range(ROWS)],
    "guid": lambda: [str(uuid.UUID(bytes=CHANCE.bytes(16), version=4)) for _ in range(ROWS)],
    "hash": lambda: [CHANCE.bytes(8).hex() for _ in range(ROWS)],
    "sha256": lambda: [CHANCE.bytes(32).hex() for _ in range(ROWS)],
    "skola": lambda: pick(*[f"S{i:02d}" for i in range(60)]),
    "skolkod": lambda: pick(*[float(i) for i in CHANCE.integers(10_000_000, 99_999_999, size=60)]),
    "skolnamn": lambda: pick("Anna Whitlocks gymnasium", "Sankt Eriks gymnasium", "Johan Skytteskolan",
    "Rosenlundsskolan", "Per Brahegymnasiet"),
    "klass": lambda: pick("9A", "9 B", "S04-1", "NA23B", "8:2"),
    "deso": lambda: pick(*[f"0188A{i:03d}0" for i in range(60)]),
    "deso25": lambda: pick("0188A0010_DeSO2025", "0581C1030_DeSO2025"),
    "basomrade": lambda: pick(*[str(10_100 + i) for i in range(90)]),
    "regso": lambda: pick("Norra Djurgården", "Södra Vägen", "Kvarnbacken", "Storgatan-Torget", "Lindberg"),
    "kommun": lambda: pick("0188", "1480", 581.0),
    "kommun_tal": lambda: pick(188.0, 1480.0, 581.0, 2282.0),
    "organisation": lambda: pick("212000-0142", "556036-0793", "212000-1355"),
    "vikt": lambda: [f"{v:.4f}".replace(".", ",") for v in CHANCE.gamma(9, 2, ROWS)],
    "vikt2": lambda: [float(v) for v in CHANCE.uniform(10.1, 24.4, ROWS)],
    "andel": lambda: [repr(float(v)) for v in CHANCE.random(ROWS)],
    "inkomst": lambda: [float(round(v)) for v in CHANCE.gamma(4, 70_000, ROWS)],
    "belopp": lambda: [f"{round(v):,}".replace(",", " ") for v in CHANCE.gamma(4, 400_000, ROWS)],
    "langd": lambda: [float(v) for v in CHANCE.normal(168, 9, ROWS).round(1)],
    "fodelsear": lambda: pick(*[float(y) for y in range(2006, 2014)]),
    "alder": lambda: pick(13.0, 14.0, 15.0, 16.0),
    "aldersgrupp": lambda: pick("13–15 år", "16-19 år", "80- år"),
    "kolada": lambda: pick("N15419", "U23471", "V15E47200101", "N00945"),
    "psu": lambda: pick(*[float(i) for i in range(100_001, 100_080)]),
    "svar": lambda: pick("Ja", "Nej", "Vet ej", "Vill ej svara", "", "Ja, flera gånger (3–5)", "1–2 dagar",
    "0 1 2 3 4 5 6 7 8 9 10"),
    "mobil": lambda: pick("Ja", "Nej", "Vet ej"),
    "telefon": lambda: pick(1.0, 2.0, 3.0),
    "adress": lambda: pick("", ""),
    "kommentar": lambda: pick(
        "Jag bor på Storgatan", "Går skolvägen 2 gånger per dag", "Bor på väg 73 mot Nynäshamn",
        "ring BRIS 116 111", "112",
        "Kvinnofridslinjen 020-50 50 50", "Anna sa att Svensson var dum", "kl. 10:49:20 den 15/3",
        "§ 4.2.1.3 i lagen", "sida 10-12, 14–15",
        "betyg 15.5, 17.25 och 20,0", "2024/25 eller 2025/26", "hen@@@", "20 000 kr 2024-03-15",
        "10 000 – 15 000 kr i månaden",
        "mellan 2024-01-01 och 2024-12-31", "ärende SN 2024/1234-5", "Handlingsplan 2024–2027",
        "torget 3 gånger", "https://www.kommun.se/enkat",
    ),
    "formel": lambda: pick("=cmd|' /C calc'!A0", "+SUM(1,1)", "@SUM(A1)", "-2+3", "\t=1+1"),
    "markup": lambda: pick("<script>alert(1)</script>", "<b onerror=alert(1)>", "{{7*7}}", "${7*7}", "%s%n"),
    "orsak": lambda: pick("Hedersrelaterat våld", "Våld i nära relation; hot", "HRV/VINR", "Övrigt (12 kap. 4 §)"),
}  # fmt: skip


def column(name: str, seed: int = 20260421) -> list[object]:
    """The column, the same whichever test asks first."""
    CHANCE.bit_generator.state = np.random.default_rng([seed, zlib.crc32(name.encode())]).bit_generator.state
    return COLUMNS[name]()


def said_of(columns: dict[str, list[object]]) -> str:
    door = Door("f.csv")
    frame = pd.DataFrame({name: pd.Series(values, dtype=None) for name, values in columns.items()})
    for start in range(0, len(frame), 700):
        door.look(frame.iloc[start : start + 700])
    try:
        door.close()
    except PrivacyError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", COLUMNS)
def test_an_ordinary_column_passes(name: str) -> None:
    assert said_of({name: column(name)}) == ""


def test_all_of_them_pass_beside_each_other() -> None:
    assert said_of({name: column(name) for name in COLUMNS}) == ""


@pytest.mark.parametrize("name", ["guid", "hash", "sha256"])
def test_random_keys_pass_whatever_they_are(name: str) -> None:
    assert [seed for seed in range(30) if said_of({name: column(name, seed)})] == []


@pytest.mark.parametrize("rows", [1, 20, 2000])
def test_personal_numbers_wrapped_in_random_keys_do_not_pass(rows: int) -> None:
    keys = column("hash")[:rows]
    keys[::20] = [f"{key[:3]}c200604219980f{key[-3:]}" for key in keys[::20]]

    assert "'k' holds Swedish personal numbers" in said_of({"k": keys})


def test_the_questions_of_the_codebook_pass(root: Path) -> None:
    items = tomllib.loads((root / "src/mapping/codebook/items.toml").read_text(encoding="utf-8"))
    door = Door("f.csv")

    def strings(value: object) -> list[str]:
        if isinstance(value, dict):
            return [text for part in value.values() for text in strings(part)]
        return [text for part in value for text in strings(part)] if isinstance(value, list) else [str(value)]

    for name, item in items.items():
        door.read(name, strings(item))
    door.close()


def test_no_real_survey_or_sample_file_is_refused(shared: Path) -> None:
    seen = 0
    for folder in ("surveys", "formats"):
        for file in sorted((shared / "data" / folder).iterdir()):
            try:
                seen += len(read_table(file).frame) > 0
            except PrivacyError:
                raise
            except InputError:
                continue

    assert seen >= 20
