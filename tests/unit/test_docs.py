"""What the documents promise: links lead somewhere, examples are read, every key is explained."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mapping.concepts.municipality import read_municipality, read_publication
from mapping.concepts.wave import read_wave
from mapping.geography.settings import read_geography

ASKED = re.compile(r"""\.(?:get|texts|labels|table|section|sections)\(\s*"(\w+)\"""")
READERS = (
    "concepts/municipality.py",
    "concepts/wave.py",
    "concepts/item.py",
    "concepts/design_columns.py",
    "concepts/detection.py",
    "geography/settings.py",
    "publish/county.py",
    "publish/plan.py",
)


def documents(root: Path) -> list[Path]:
    return [*root.glob("*.md"), *(root / "docs").rglob("*.md")]


def links(text: str) -> list[str]:
    """The relative targets of links and pictures in a Markdown text."""
    found = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", text)
    targets = [(a or b).split("#")[0] for a, b in found]
    return [
        target for target in targets if target and "://" not in target and not target.startswith("mailto:")
    ]


def example(root: Path, heading: str) -> str:
    """The first TOML example under a heading of docs/workspace.md."""
    text = (root / "docs" / "workspace.md").read_text(encoding="utf-8")
    under = text.split(f"\n## {heading}\n", 1)[1]
    found = re.search(r"```toml\n(.*?)```", under, re.DOTALL)
    assert found is not None
    return found[1]


def test_links_lead_somewhere(root: Path) -> None:
    broken = {
        path.name: missing
        for path in documents(root)
        if (missing := [t for t in links(path.read_text(encoding="utf-8")) if not (path.parent / t).exists()])
    }
    assert broken == {}


def test_a_link_into_nothing_is_found() -> None:
    assert links('[a](gone.md#part) <img src="gone.png"> [b](https://example.org)') == ["gone.md", "gone.png"]


@pytest.mark.parametrize(
    ("heading", "place", "reader"),
    [
        ("municipality.toml", "municipality.toml", read_municipality),
        ("publication.toml", "publication.toml", read_publication),
        ("data/raw/&lt;wave&gt;/wave.toml", "2026/wave.toml", read_wave),
        ("data/raw/geography/&lt;id&gt;/geography.toml", "stadsdelar-2024/geography.toml", read_geography),
    ],
)
def test_the_examples_are_read_by_the_program(
    root: Path, tmp_path: Path, heading: str, place: str, reader
) -> None:
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(example(root, heading), encoding="utf-8")

    assert reader(path) is not None


def test_every_key_of_a_sidecar_is_explained(root: Path) -> None:
    explained = (root / "docs" / "workspace.md").read_text(encoding="utf-8")
    asked = {
        key for name in READERS for key in ASKED.findall((root / "src/mapping" / name).read_text("utf-8"))
    }
    assert len(asked) > 40
    assert sorted(key for key in asked if not re.search(rf"\b{key}\b", explained)) == []


def test_notebooks_are_kept_without_outputs_and_equal_to_their_script(root: Path) -> None:
    jupytext = pytest.importorskip("jupytext")
    scripts = sorted((root / "notebooks").glob("[0-9]*.py"))
    assert [script.stem for script in scripts] == sorted(p.stem for p in (root / "notebooks").glob("*.ipynb"))
    for script in scripts:
        notebook = json.loads(script.with_suffix(".ipynb").read_text(encoding="utf-8"))
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells), script.name
        paired = ["".join(cell["source"]) for cell in notebook["cells"]]
        assert paired == [cell["source"] for cell in jupytext.read(script)["cells"]], script.name
