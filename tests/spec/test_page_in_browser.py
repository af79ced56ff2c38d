"""The pages of a release in a real browser: no request leaves, no barrier for keys or screen readers, nothing is lost.

Needs Debian's chromium and nodejs, and two packages that npm puts outside the repository's own files:
``npm install --prefix build/node puppeteer-core axe-core``.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.disclosure import Status
from mapping.disclosure.protected import Figure
from mapping.estimate.small_area.beta_binomial import beta_binomial
from mapping.estimate.small_area.public import _effective, _rest
from mapping.publish.public_model import _row
from mapping.publish.sentences import clearly_different

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.slow]

PACKAGES = Path("build") / "node"


@pytest.fixture(scope="session")
def tools(root: Path) -> tuple[Path, str, str]:
    """The folder of npm packages, the browser and node; or how to get them."""
    browser, node = shutil.which("chromium") or shutil.which("chromium-browser"), shutil.which("node")
    if browser is None or node is None:
        pytest.skip("chromium and node are not here: `apt-get install chromium nodejs npm`")
    modules = root / PACKAGES / "node_modules"
    if not all((modules / name).is_dir() for name in ("puppeteer-core", "axe-core")):
        pytest.skip(f"npm packages are not here: `npm install --prefix {PACKAGES} puppeteer-core axe-core`")
    return root / PACKAGES, browser, node


@pytest.fixture(scope="session")
def seen(
    tools: tuple[Path, str, str], city: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What the browser saw of the release of the synthetic city, in one visit."""
    packages, browser, node = tools
    folder, bare = city[0] / "reports" / "2026", tmp_path_factory.mktemp("bare")
    shutil.copy(folder / "map.sv.html", bare)
    script = Path(__file__).with_name("page_in_browser.cjs")
    run = subprocess.run(
        [node, script, packages, browser, folder, bare],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def figures(city: tuple[Path, Any], wave: str = "2026") -> pd.DataFrame:
    """The rows of the first measure's publication areas."""
    table = pd.read_csv(
        city[0] / "reports" / wave / "tables" / "figures.csv", dtype={"area": str, "wave": str}
    )
    return table[table["indicator"].eq("S04") & table["level"].eq("area") & table["wave"].eq(wave)]


def test_no_page_asks_for_anything_but_files_beside_it(seen: dict[str, Any]) -> None:
    assert len(seen["requests"]) > 10
    assert {request.partition(":")[0] for request in seen["requests"]} == {"file"}
    names = {re.sub(r"#.*", "", request).rpartition("/")[2] for request in seen["requests"]}
    assert names == {"map.sv.html", "map.en.html", "report.sv.html", "report.en.html", "plotly.min.js"}


def test_nothing_goes_wrong_on_any_page(seen: dict[str, Any]) -> None:
    """The one message is of the copy that lies without the drawing program."""
    assert [message for message in seen["messages"] if "ERR_FILE_NOT_FOUND" not in message] == []
    assert len(seen["messages"]) == 1


@pytest.mark.parametrize(
    "page",
    [
        "map.sv.html", "map.en.html", "map.sv.html, chosen", "map.sv.html, phone", "report.sv.html",
        "report.en.html",
    ],
)  # fmt: skip
def test_no_page_has_a_barrier_that_axe_knows(seen: dict[str, Any], page: str) -> None:
    assert seen["axe"][page] == []


def test_every_place_is_drawn_and_no_button_uploads(seen: dict[str, Any]) -> None:
    for view in ("estimate", "exceedance"):
        assert seen[view]["outlines"] >= len(seen[view]["places"])
        assert seen[view]["buttons"] == 0


def test_the_map_says_in_words_what_it_shows(seen: dict[str, Any], city: tuple[Path, Any]) -> None:
    rows = figures(city)
    rows = rows[rows["target"].eq("pupils")]
    shown = rows[rows["status"].eq("shown")]["share"]
    label = seen["estimate"]["label"]
    assert f"Karta över {len(rows)} områden" in label
    assert f"{shown.min():.0f}\u202f% till {shown.max():.0f}\u202f%" in label
    assert seen["exceedance"]["label"] != label


def test_keys_alone_reach_every_place_and_each_is_told(seen: dict[str, Any], city: tuple[Path, Any]) -> None:
    reached = seen["keys"]["reached"]
    assert [name for name, _, _ in reached] == seen["estimate"]["places"]
    assert all(said.startswith(f"{name}: ") and pressed == "true" for name, said, pressed in reached)
    names = pd.read_csv(city[0] / "reports" / "2026" / "tables" / "areas.csv", dtype=str).set_index("area")[
        "name"
    ]
    rows = figures(city)
    for row in rows[rows["target"].eq("pupils")].itertuples():
        (said,) = (said for name, said, _ in reached if name == names[[row.area]].iloc[0])
        if row.status == "shown":
            assert (
                f": {row.share:.0f}\u00a0procent (troligen mellan {row.low:.0f} och {row.high:.0f})." in said
            )
        elif row.status == "withheld":
            assert said.endswith(": Redovisas inte, för att ingen enskild ska kunna kännas igen.")


def test_arrows_go_from_place_to_place(seen: dict[str, Any]) -> None:
    places = seen["estimate"]["places"]
    assert seen["keys"]["stepped"] == [places[1], places[2], places[1], places[-1], places[0]]


def test_a_click_on_the_map_chooses_its_place(seen: dict[str, Any]) -> None:
    pointer = seen["pointer"]
    assert pointer["chosen"] == pointer["code"]
    assert pointer["hover"].split("%")[0].strip()[:5] == pointer["said"][:5]


def test_search_leaves_the_places_that_match(seen: dict[str, Any]) -> None:
    assert seen["filtered"] == [name for name in seen["estimate"]["places"] if "ä" in name.lower()]
    assert seen["filtered"] != []


def test_the_address_keeps_what_was_chosen_in_either_language(seen: dict[str, Any]) -> None:
    assert seen["restored"] == seen["state"]
    assert seen["state"]["view"] == "exceedance" and seen["state"]["place"] and seen["state"]["other"]
    assert seen["tiled"] is True
    assert seen["other"] == f"map.en.html{seen['hash']}"


def test_a_group_without_places_says_so(seen: dict[str, Any]) -> None:
    assert "flickorna" in seen["girls"]["title"]
    assert seen["girls"]["note"].startswith("Den här siffran visas bara för hela kommunen")
    assert seen["girls"]["table"] is True


def test_the_page_fits_a_phone(seen: dict[str, Any]) -> None:
    assert seen["phone"] == 390


def test_with_scripts_off_there_are_the_map_the_table_and_the_help(
    seen: dict[str, Any], city: tuple[Path, Any]
) -> None:
    still = seen["still"]
    assert still["picture"] > 300
    assert still["rows"] == figures(city)["area"].nunique() + 1
    assert still["choose"] == "none"
    assert "116 111" in still["help"]


def test_without_the_drawing_program_the_page_still_answers(seen: dict[str, Any]) -> None:
    alone = seen["alone"]
    assert alone["said"].startswith(seen["estimate"]["places"][0])
    assert alone["picture"] > 300
    assert alone["note"] is True
    assert "plotly.min.js" in alone["changed"]
    assert "Begränsat val av partner" not in alone["caption"]


def test_two_places_are_compared_by_a_chance_and_never_by_rank(seen: dict[str, Any]) -> None:
    assert len(seen["pairs"]) == 7
    for pair in seen["pairs"]:
        first, second, chance, said = pair["one"], pair["two"], pair["chance"], pair["said"]
        more, less = (first, second) if chance >= 0.5 else (second, first)
        sure = max(chance, 1 - chance)
        if sure > 0.95:
            assert said.startswith(f"Med stor säkerhet är andelen högre i {more} än i {less} (")
        elif sure > 0.8:
            assert said.startswith(f"Troligen är andelen högre i {more} än i {less} (")
            assert f"omkring {5 * round(20 * sure)}\u00a0procent" in said
        else:
            assert said.startswith(f"Det går inte att säga om andelen är högre i {more} eller i {less} (")
    assert len({pair["said"].partition(" ")[0] for pair in seen["pairs"]}) > 1


def test_an_earlier_wave_is_compared_by_its_printed_intervals(
    seen: dict[str, Any], city: tuple[Path, Any]
) -> None:
    rows = figures(city, "2024")
    printed = {row.area: _figure(row) for row in rows[rows["target"].eq("pupils")].itertuples()}
    assert len(seen["before"]) == 7
    for pair in seen["before"]:
        apart = clearly_different(*(printed[code] for code in pair["codes"]))
        assert ("större" if apart else "mindre") + " än osäkerheten" in pair["said"]
    assert len({pair["said"].partition(" är ")[2][:6] for pair in seen["before"]}) == 2


def test_a_comparison_with_a_blank_place_is_refused(seen: dict[str, Any]) -> None:
    assert seen["compared"].startswith("Jämförelsen kan inte göras")


def test_the_chance_that_one_place_has_more_is_that_of_the_public_model(
    seen: dict[str, Any], city: tuple[Path, Any]
) -> None:
    """From printed shares and limits alone, within 0.1 of the joint draws of the model they were printed from."""
    rows = figures(city)
    rows = rows[rows["target"].eq("risk")]
    names = pd.read_csv(city[0] / "reports" / "2026" / "tables" / "areas.csv", dtype=str).set_index("area")[
        "name"
    ]
    places = [_row(_figure(row)) for row in rows.itertuples()]
    whole = pd.read_csv(
        city[0] / "reports" / "2026" / "tables" / "figures.csv", dtype={"area": str, "wave": str}
    )
    whole = whole[whole["key"].str.startswith("2026|S04|municipality") & whole["group"].eq("all")]
    (municipality,) = (_row(_figure(row)) for row in whole[whole["target"].eq("risk")].itertuples())
    known = [(row, counts) for row in places if (counts := _effective(row)) is not None]
    level = _effective(municipality)
    assert level is not None
    hidden = len(places) - len(known)
    rest = _rest(level, municipality.base, [counts for _, counts in known], hidden)
    fit = beta_binomial(
        [counts.share * counts.trials for _, counts in known] + [0.0] * hidden,
        [counts.trials for _, counts in known] + [0.0] * hidden,
        sums=[(range(len(known), len(places)), *rest)] if rest else None,
    )
    at = {names[[row.area]].iloc[0]: number for number, (row, _) in enumerate(known)}
    few = [at[name] for name in seen["estimate"]["places"] if name in at][:8]
    expected = [[0.5 if a == b else fit.prob_greater(a, b) for b in few] for a in few]
    assert np.abs(np.array(seen["chances"]) - np.array(expected)).max() < 0.1


def _figure(row: Any) -> Figure:
    """A line of the table as a figure."""
    numbers = {
        name: None if pd.isna(getattr(row, name)) else getattr(row, name) for name in ("share", "low", "high")
    }
    decimals = 0 if pd.isna(row.decimals) else int(row.decimals)
    return Figure(
        row.key, row.wave, row.indicator, row.level, row.area, row.group, row.target, Status(row.status),
        decimals=decimals, base="" if pd.isna(row.base) else row.base, **numbers,
    )  # fmt: skip
