"""From raw survey waves to protected maps and a board report, on the synthetic municipality."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pypdfium2 import PdfDocument

from mapping import demo
from mapping.errors import BuildError

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.slow]

WATERMARK = "Syntetiska data / Synthetic data"
THEMES = ("S04", "S15", "S07", "S24", "S22")


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def figures(workspace: Path, wave: str) -> pd.DataFrame:
    return pd.read_csv(
        workspace / "reports" / wave / "tables" / "figures.csv", dtype={"area": str, "wave": str}
    )


def text_of(pdf: Path) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in PdfDocument(pdf))


def test_both_waves_get_reports_maps_and_tables(city: tuple[Path, Any]) -> None:
    workspace, ran = city
    assert ran.code == 0, ran.said
    for wave in ("2024", "2026"):
        made = files(workspace / "reports" / wave)
        assert {"report.sv.pdf", "report.en.pdf", "report.sv.html", "report.en.html", "release.json"} <= set(
            made
        )
        for indicator in THEMES:
            for end in ("sv.svg", "sv.png", "en.svg", "en.png"):
                assert any(f"estimate-{indicator}-{wave}" in name and name.endswith(end) for name in made)


def test_the_command_names_the_reports_and_nothing_of_the_data(city: tuple[Path, Any]) -> None:
    workspace, ran = city
    assert str(workspace / "reports" / "2026" / "report.sv.pdf") in ran.said
    assert len(ran.said.splitlines()) == 2


def test_every_output_of_a_synthetic_municipality_says_so(city: tuple[Path, Any]) -> None:
    folder = city[0] / "reports" / "2026"
    for path in [*folder.glob("maps/*.svg"), *folder.glob("*.html")]:
        assert WATERMARK in path.read_text(encoding="utf-8"), path.name
    for path in folder.glob("*.pdf"):
        for number, page in enumerate(PdfDocument(path), 1):
            said = " ".join(page.get_textpage().get_text_range().split())
            assert WATERMARK in said, f"{path.name} page {number}"
    assert json.loads((folder / "release.json").read_text(encoding="utf-8"))["synthetic"] is True


def test_most_places_of_the_city_print_for_control(city: tuple[Path, Any]) -> None:
    for wave in ("2024", "2026"):
        rows = figures(city[0], wave)
        for indicator in ("S04", "S15"):
            places = rows[
                rows["indicator"].eq(indicator) & rows["level"].eq("area") & rows["target"].eq("pupils")
            ]
            assert len(places) >= 10
            assert places["status"].eq("shown").mean() > 0.75


def test_the_towns_report_is_worth_reading(town: tuple[Path, Any]) -> None:
    workspace, ran = town
    assert ran.code == 0, ran.said
    rows = figures(workspace, "2026")
    pupils = rows[rows["target"].eq("pupils")]
    municipal = pupils[pupils["level"].eq("municipality") & pupils["group"].eq("all")]
    assert municipal["status"].eq("shown").mean() > 0.9
    places = pupils[pupils["level"].eq("area") & pupils["indicator"].isin(["S04", "S15"])]
    assert places["status"].eq("shown").mean() >= 0.5
    assert (rows["wave"] == "2024+2026").any()


def test_what_nobody_named_is_found_nowhere(city: tuple[Path, Any], town: tuple[Path, Any]) -> None:
    """The canary stands in an unnamed column, in a label, in a case column and among the polygons."""
    canary = demo.CANARY.encode()
    for workspace, ran in (city, town):
        raw = files(workspace / "data" / "raw")
        assert any(canary in content for content in raw.values())
        assert demo.CANARY not in ran.said
        for folder in ("reports", "data/processed"):
            for name, content in files(workspace / folder).items():
                assert canary not in content, name
        for path in (workspace / "reports").rglob("*.pdf"):
            assert demo.CANARY not in text_of(path)
        for path in (workspace / "data" / "processed").rglob("*.parquet"):
            assert demo.CANARY not in pd.read_parquet(path).to_csv()


def test_public_files_tell_no_hash_or_size_of_an_input(city: tuple[Path, Any]) -> None:
    about = json.loads((city[0] / "reports" / "2026" / "release.json").read_text(encoding="utf-8"))
    assert set(about) == {
        "schema", "municipality", "wave", "sequence", "synthetic", "languages", "program", "policy", "approved",
        "audit", "files", "relations", "certificate",
    }  # fmt: skip
    assert about["audit"]["leaks"] == 0
    assert set(about["files"]) == set(files(city[0] / "reports" / "2026")) - {"release.json"}


def test_the_certificate_of_every_release_holds(
    city: tuple[Path, Any], town: tuple[Path, Any], run: Any
) -> None:
    releases = [
        path for workspace in (city[0], town[0]) for path in (workspace / "reports").glob("*/release.json")
    ]
    said = run("verify", *releases)
    assert (said.code, said.said.count("the certificate holds")) == (0, 4), said.said


def test_the_preview_says_what_is_withheld_and_why_and_writes_nothing(
    town: tuple[Path, Any], run: Any
) -> None:
    before = files(town[0])
    said = run("--workspace", town[0], "preview")
    assert said.code == 0, said.said
    blank = figures(town[0], "2026").query("status == 'withheld'")["key"].unique()
    why = [line.split(": withheld: ") for line in said.said.splitlines() if ": withheld: " in line]
    assert {key for key, _ in why} == set(blank)
    assert any("small count" in reason for _, reason in why)
    assert files(town[0]) == before
    assert run("--workspace", town[0], "preview", "--wave", "1999").code == BuildError.exit_code


def test_the_truth_lies_in_most_printed_intervals(city: tuple[Path, Any], tmp_path: Path) -> None:
    """One simulated municipality: limits are meant to hold 95 of 100, and are printed outward."""
    truth = demo.build(tmp_path, size="city")
    rows = figures(city[0], "2026")
    rows = rows[rows["status"].eq("shown") & rows["level"].isin(["municipality", "district"])]
    for target, true in (("pupils", truth.pupils), ("risk", truth.risk)):
        known = rows[rows["target"].eq(target)].merge(
            true, on=["wave", "indicator", "area", "group"], validate="one_to_one", suffixes=("", "_true")
        )
        assert len(known) > 30
        held = (known["low"] <= 100 * known["share_true"]) & (100 * known["share_true"] <= known["high"])
        assert held.mean() > 0.85


def test_a_second_rebuild_has_nothing_to_do_and_loads_nothing_heavy(town: tuple[Path, Any]) -> None:
    workspace, _ = town
    before = files(workspace)
    script = (
        "import sys; from mapping.cli import main; code = main(sys.argv[1:]);"
        "print('heavy' if {'numpy', 'pandas', 'matplotlib'} & set(sys.modules) else 'light'); sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, "--workspace", str(workspace), "rebuild"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "light"
    assert all("up to date" in line for line in ran.stdout.splitlines()[:-1])
    assert files(workspace) == before


def test_the_same_input_gives_the_same_bytes(town: tuple[Path, Any], tmp_path: Path, run: Any) -> None:
    demo.build(tmp_path / "again", size="town")
    run("--workspace", tmp_path / "again", "rebuild")
    assert files(tmp_path / "again" / "data" / "raw") == files(town[0] / "data" / "raw")
    assert files(tmp_path / "again" / "reports") == files(town[0] / "reports")


def test_the_audit_of_the_written_files_finds_nothing(
    city: tuple[Path, Any], town: tuple[Path, Any], run: Any
) -> None:
    for workspace, _ in (city, town):
        ran = run("--workspace", workspace, "audit")
        assert ran.code == 0, ran.said
        assert ran.said.count("no withheld value can be worked out") == 2


def test_a_withheld_cell_filled_in_by_hand_is_found(own_town: Path, run: Any) -> None:
    path = own_town / "reports" / "2026" / "tables" / "figures.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cell = next(
        r for r in rows if r["status"] == "withheld" and r["level"] == "area" and r["target"] == "pupils"
    )
    for row in rows:
        if row["key"] == cell["key"]:
            row |= {
                "status": "shown",
                "share": "9",
                "low": "5",
                "high": "14",
                "decimals": "0",
                "base": "50–99",
            }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    ran = run("audit", own_town / "reports" / "2026")
    assert ran.code == 1
    assert cell["key"] in ran.said


def test_a_withheld_number_in_the_text_of_a_report_is_found(own_town: Path, run: Any) -> None:
    page = own_town / "reports" / "2026" / "report.sv.html"
    rows = figures(own_town, "2026")
    cell = rows[rows["status"].eq("withheld") & rows["level"].eq("area") & rows["target"].eq("pupils")].iloc[
        0
    ]
    areas = pd.read_csv(own_town / "reports" / "2026" / "tables" / "areas.csv", dtype=str)
    name = areas.loc[areas["area"].eq(cell["area"]), "name"].iloc[0]
    html = page.read_text(encoding="utf-8").replace(
        "</body>", f"<p>I {name} är andelen 61 procent.</p></body>"
    )
    page.write_text(html, encoding="utf-8")
    ran = run("audit", own_town / "reports" / "2026")
    assert ran.code == 1
    assert "report.sv.html" in ran.said
