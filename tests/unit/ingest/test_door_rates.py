"""How much the door finds of what identifies, and how often it is wrong, on a seeded corpus of both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from random import Random

import pandas as pd
import pytest

from mapping.errors import PrivacyError
from mapping.ingest.door import Door

ROWS = 60
RANDOM = Random(20260421)


def refused(*columns: list[object], names: tuple[str, ...] = ("v1", "v2", "v3", "v4")) -> str:
    """What the door says to a file of these columns, or ""."""
    door = Door("f.csv")
    door.look(pd.DataFrame(dict(zip(names, columns, strict=False))))
    try:
        door.close()
    except PrivacyError as error:
        return str(error)
    return ""


def check_digit(nine: str) -> str:
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def born() -> dt.date:
    return dt.date(2006, 1, 1) + dt.timedelta(RANDOM.randrange(2200))


def personal(coordination: bool = False) -> tuple[str, str, str]:
    """Century, date and last four of a number whose birth number is set aside for tests."""
    day = born()
    date = f"{day:%y%m}{day.day + 60 * coordination:02d}"
    serial = str(RANDOM.randrange(980, 1000))
    return str(day.year // 100), date, serial + check_digit(date + serial)


def formats() -> Iterator[Callable[[], str]]:
    """A personal number as people, systems and spreadsheets write it."""
    shapes = [
        "{c}{d}{n}", "{c}{d}-{n}", "{d}-{n}", "{d}{n}", "{d}+{n}", "{c}{d} {n}", "{d} {n}", "{d} - {n}", "{d}.{n}",
        "{c} {d} {n}", "{c}{y}-{m}-{k}-{n}", "{c}{y}-{m}-{k} {n}", "{y} {m} {k} {n}", "{y}.{m}.{k}-{n}",
        "{y}/{m}/{k}-{n}",
        "{d}–{n}", "{d}−{n}", "{d}\u2011{n}", "{d}\u00a0{n}", "{d}\u202f{n}", "{d}\u200b-\u200b{n}", "\ufeff{d}-{n}",
        "pnr:{d}-{n}", "ring {c}{d}{n} efter tre", "(hon är {d}-{n})", "nr{d}{n}!", "{d}-{n};{d}-{n}", "{c}{d}{n}.0",
        "{d}-TF01", "{c}{d}-T123", "&#49;{d}"[5:] + "-{n}", "{d}_{n}", "{d}\t{n}",
    ]  # fmt: skip
    for shape in shapes:
        for coordination in (False, True):

            def one(shape: str = shape, coordination: bool = coordination) -> str:
                century, date, last = personal(coordination)
                return shape.format(c=century, d=date, n=last, y=date[:2], m=date[2:4], k=date[4:])

            yield one
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    yield lambda: "-".join(personal()[1:]).translate(wide)
    yield lambda: "-".join(personal()[1:]).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    yield lambda: f"{int(''.join(personal())):.11E}".replace(".", ",")
    yield lambda: f"{int(''.join(personal())):,}".replace(",", " ")
    yield lambda: " ".join("".join(personal()[1:]))


TEXTS: dict[str, list[str]] = {
    "e-mail addresses": [
        "elev{i}@skola.se", "skriv till anna.e+x@gmail.com!", "anna (at) skola.se", "anna[at]skola[dot]se",
        "a.b@c.kommun.se",
        "ANNA@SKOLA.SE", "anna\u200b@skola.se", "anna＠skola.se", "mailto:anna%40skola.se", "anna @ skola.se",
        "anna&#64;skola.se", "å.ö@malmö.se", "anna snabel-a skola.se",
    ],
    "phone numbers": [
        "070-174 06 {i}", "070 174 06 {i}", "07017406{i}", "+46 70 174 06 {i}", "+467017406{i}", "0046 70-174 06 {i}",
        "(+46) 70 1740 6{i}", "ring 07017406{i}", "ring 070–174 06 {i} ikväll", "08-465 004 {i}",
        "031-390 06 {i}", "018-727 00 {i}",
        "+46 (0)70 174 06 {i}", "+47 406 12 3{i}", "+45 20 12 34 {i}", "+44 7911 1234{i}",
        "0701\u00a0740\u00a06{i}", "tel: 0980-319 2{i}",
    ],
    "addresses": [
        "Storgatan 1{i}", "bor på storgatan 1{i}", "Norra Vägen {i}B", "Kungsgränd {i}, 3 tr",
        "S:t Eriksgatan {i}", "Karl Johans gata {i}",
        "Stortorget {i}", "Björkallén {i}", "Backstigen {i} A", "12{i} High Street", "761 {i} Norrtälje",
        "SE-761 {i} Norrtälje",
        "761 {i} NORRTÄLJE", "c/o Andersson", "Box 1{i}, 761 30 Norrtälje", "Ekbacken {i}",
        "Sveavägen {i}, Stockholm",
    ],
    "positions": [
        "59.1953{i},17.6256{i}", "59,1953{i}; 17,6256{i}", "59.195 17.6{i}", "POINT (17.62 59.{i})",
        "SRID=3006;POINT(674000 65870{i})",
        "https://www.google.com/maps/@59.19,17.62", "https://maps.app.goo.gl/abc{i}", "65870{i}, 6740{i}",
        "6740{i} 65870{i}.5",
        "N 59° 11' 43\" E 17° 37' {i}\"", '{"lat": 59.19, "lng": 17.6{i}}', "geo:59.19,17.62", "8FW4V75V+8Q",
        "///bord.stol.lampa",
        "https://www.openstreetmap.org/#map=19/59.1/17.6",
    ],
    "network addresses": ["193.10.12.{i}", "ip=193.10.12.{i}:8080", "2001:6b0:e:2a18::{i}",
    "fe80::1ff:fe23:4567:{i}", "10.0.0.{i}"],
    "device addresses": ["00:1A:2b:3c:4d:{i}", "00-1a-2b-3c-4d-{i}", "001a.2b3c.4d{i}"],
    "names": ["det var Anna Svensson {i}", "Andersson, Erik", "MOHAMED ALI", "Emma Lindqvist-Berg sa det",
    "frågade Karl-Johan Ek om {i}"],
    "postcodes": ["761 {i}"],
}  # fmt: skip


def test_personal_numbers_are_found_however_they_are_written() -> None:
    missed = []
    for number, one in enumerate(formats()):
        for _ in range(5):
            text = one()
            if "Swedish personal numbers (1 row)" not in refused([text, "nej", "ja", ""]):
                missed.append((number, text))

    assert not missed


def test_a_column_of_personal_numbers_is_found_as_text_and_as_numbers() -> None:
    numbers = [personal() for _ in range(ROWS)]

    for column in (
        [c + d + n for c, d, n in numbers],
        [float(c + d + n) for c, d, n in numbers],
        [float(d + n) for _, d, n in numbers],
        [str(int(d + n)) for _, d, n in numbers],
        [f"{int(d + n)},0" for _, d, n in numbers],
        [float(f"00{d[2:]}" + check(f"00{d[2:]}", n)) for _, d, n in numbers],
    ):
        assert "Swedish personal numbers" in refused(column)


def check(date: str, last: str) -> str:
    return last[:3] + check_digit(date + last[:3])


def test_a_personal_number_split_over_two_columns_is_found() -> None:
    numbers = [personal(i % 9 == 0) for i in range(ROWS)]
    last = [n for _, _, n in numbers]

    for dates in (
        [d for _, d, _ in numbers],
        [c + d for c, d, _ in numbers],
        [float(d) for _, d, _ in numbers],
        [f"{c}{d[:2]}-{d[2:4]}-{d[4:]}" for c, d, _ in numbers if int(d[4:]) < 40] + ["2008-01-05"] * 0,
    ):
        said = refused(dates, last[: len(dates)] if len(dates) == ROWS else keep(numbers))
        assert "one half of Swedish personal numbers" in said


def keep(numbers: list[tuple[str, str, str]]) -> list[object]:
    return [n for _, d, n in numbers if int(d[4:]) < 40]


@pytest.mark.parametrize("kind", TEXTS)
def test_other_identifiers_are_found_however_they_are_written(kind: str) -> None:
    shapes = TEXTS[kind]
    texts = [shape.replace("{i}", f"{RANDOM.randrange(10, 99)}") for shape in shapes for _ in range(5)]

    missed = [
        text for text in texts if f"{kind} (" not in refused([text] * (5 if kind == "postcodes" else 1))
    ]

    assert not missed


def test_a_phone_number_stored_as_a_number_is_found() -> None:
    assert "phone numbers" in refused([701740600.0 + i for i in range(ROWS)])
    assert "phone numbers" in refused([46701740600.0 + i for i in range(ROWS)])


@pytest.mark.parametrize(
    "shape", ["%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%-d.%-m.%Y", "%y%m%d", "%-d %b %Y", "%Y-%m-%d 00:00:00"]
)
def test_dates_of_birth_are_found_whatever_the_column_is_called(shape: str) -> None:
    assert "dates of birth" in refused([born().strftime(shape) for _ in range(ROWS)])


def test_dates_of_birth_are_found_as_dates_and_as_numbers() -> None:
    days = [born() for _ in range(ROWS)]

    assert "dates of birth" in refused(pd.to_datetime(pd.Series(days)).tolist())
    assert "dates of birth" in refused([float(f"{day:%Y%m%d}") for day in days])
    assert "dates of birth" in refused([float(f"{day:%y%m%d}") for day in days])
    events = [f"{dt.date(2019, 1, 1) + dt.timedelta(RANDOM.randrange(900))}" for _ in days]
    assert "'v1' holds dates of birth" in refused([f"{day}" for day in days], events, names=("v1", "inkom"))


def test_positions_in_two_columns_are_found_in_degrees_and_in_metres() -> None:
    degrees = [[RANDOM.uniform(*span) for _ in range(ROWS)] for span in ((59.5, 60.2), (17.9, 19.1))]
    metres = [
        [RANDOM.randrange(*span) for _ in range(ROWS)]
        for span in ((6_600_000, 6_680_000), (690_000, 740_000))
    ]

    for one, other in (degrees, metres):
        assert refused(one, other).count("one half of positions") == 2
        assert (
            refused([str(v) for v in one], [f"{v}".replace(".", ",") for v in other]).count(
                "one half of positions"
            )
            == 2
        )


def test_names_in_a_column_without_a_telling_name_are_found() -> None:
    given, rare = ["Anna", "Erik", "Fatima", "Hugo", "Noah", "Maja"], ["Zoltan", "Bosse", "Kim", "Ines"]
    family = ["Svensson", "Garcia", "Lind", "Haddad", "Öberg", "Novak"]
    both = [f"{RANDOM.choice(given + rare)} {RANDOM.choice(family)}" for _ in range(ROWS)]

    assert "names" in refused(both)
    assert "names" in refused([text.split()[0] for text in both])
    assert "names" in refused([", ".join(reversed(text.split())) for text in both])
    assert "names" in refused([text.upper() for text in both])
