"""No file, however hostile, takes half a gigabyte: measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

LARGEST = 500  # megabytes
READ = """
import resource, sys
from pathlib import Path
from mapping.errors import MappingError
from mapping.ingest import apart
from mapping.ingest.readers import read_table
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
for name in sys.argv[1:]:
    try:
        read_table(Path(name), ["f31"])
    except MappingError as error:
        print(error)
status = Path("/proc/self/status")  # the other count begins with the memory of whoever started this process
if status.exists():
    peak = int(status.read_text().split("VmHWM:")[1].split()[0])
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
apart.end()  # what it took for the statistical files is counted at its end
print((peak + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1000)
"""


def megabytes(*files: Path) -> tuple[int, str]:
    """The peak of a program that reads the files one after another, and of the process that reads for it; its words."""
    pytest.importorskip("resource", reason="this system does not count memory so")
    command = [sys.executable, "-c", READ, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    *said, peak = done.stdout.splitlines()
    return int(peak), "\n".join(said)


def test_every_bad_file_is_read_or_refused_in_little_memory(shared: Path) -> None:
    files = [
        path
        for path in sorted((shared / "data" / "bad").iterdir())
        if path.suffix in {".sav", ".csv", ".xlsx"}
    ]

    assert megabytes(*files)[0] < LARGEST


def workbook(path: Path, sheet: str, head: str = "", times: int = 1) -> None:
    """A workbook of one sheet: `head`, then `sheet` so many times."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'spreadsheetml.sheet.main+xml"/></Types>',
        )
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r1" Target="xl/workbook.xml" '
            f'Type="{relations}/officeDocument"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r1" Target="worksheets/sheet1.xml" '
            f'Type="{relations}/worksheet"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
            '<sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w") as file:
            file.write(f'<worksheet xmlns="{main}"><sheetData>{head}'.encode())
            for _ in range(times):
                file.write(sheet.encode())
            file.write(b"</sheetData></worksheet>")


HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>f31</t></is></c><c r="B1" t="inlineStr"><is><t>x</t></is></c></row>'


def zip_bomb(path: Path) -> None:
    workbook(path, f"<!--{' ' * 1_000_000}-->", HEAD, 1000)


def far_away(path: Path) -> None:
    workbook(path, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', HEAD)


def further_away(path: Path) -> None:
    workbook(path, '<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>', HEAD)


def too_tall(path: Path) -> None:
    workbook(path, '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>', HEAD)


def one_huge_text(path: Path) -> None:
    workbook(path, f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"x" * 90_000_000}</t></is></c></row>', HEAD)


def wide(path: Path) -> None:
    pd.DataFrame(np.ones((300, 16_384)), columns=[f"f{i}" for i in range(16_384)]).to_csv(path, index=False)


def wide_sav(path: Path) -> None:
    frame = pd.DataFrame(np.ones((300, 16_384)), columns=[f"f{i}" for i in range(16_384)])
    pyreadstat.write_sav(frame, str(path), row_compress=True)


def endless_line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"f31;f32\n")
        for _ in range(300):
            file.write(b"1" * 1_000_000)


def endless_quote(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'f31;f32\n1;2\n1;"')
        for _ in range(100):
            file.write(b"2;3\n" * 250_000)


def header(path: Path, at: int, value: int) -> None:
    pyreadstat.write_sav(pd.DataFrame({"f31": [1.0, 2.0]}), str(path))
    raw = bytearray(path.read_bytes())
    raw[at : at + 4] = value.to_bytes(4, "little", signed=True)
    path.write_bytes(raw)


def many_rows_promised(path: Path) -> None:
    header(path, 80, 2**31 - 1)


def many_columns_promised(path: Path) -> None:
    header(path, 68, 2**31 - 1)


def shared_texts(path: Path) -> None:
    workbook(path, '<row r="2"><c r="A2"><v>1</v></c></row>', HEAD)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/sharedStrings.xml", "w") as file,
    ):
        for _ in range(200):
            file.write(b"<si><t>x</t></si>" * 60_000)


@pytest.mark.parametrize(
    ("suffix", "make"),
    [
        (".xlsx", zip_bomb),
        (".xlsx", far_away),
        (".xlsx", further_away),
        (".xlsx", too_tall),
        (".xlsx", one_huge_text),
        (".xlsx", shared_texts),
        (".csv", wide),
        (".csv", endless_line),
        (".csv", endless_quote),
        (".sav", wide_sav),
        (".sav", many_rows_promised),
        (".sav", many_columns_promised),
    ],
)
def test_a_bomb_is_read_or_refused_in_little_memory(
    tmp_path: Path, suffix: str, make: Callable[[Path], None]
) -> None:
    file = tmp_path / f"bomb{suffix}"
    make(file)

    peak, said = megabytes(file)

    assert peak < LARGEST
    assert not said or file.name in said
