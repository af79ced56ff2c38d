"""Pages read with hands on the keys: every command they tell to type is one, every block of settings is TOML."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import mapping
from mapping.arguments import make_parser

PAGES = ("README.md", "CONTRIBUTING.md", "docs/tutorial.md", "docs/howto.md", "docs/windows.md", "docs/fleet.md",
         "docs/security.md", "docs/workspace.md", "docs/index.md")  # fmt: skip


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def commands(text: str) -> Iterator[list[str]]:
    """What is typed after `mapping`, in blocks and in the running text."""
    typed = [line for block in blocks(text, "sh") for line in block.replace("\\\n", " ").splitlines()]
    typed += re.findall(r"`((?:python -m )?mapping [^`]+)`", text)
    for line in typed:
        if found := re.match(r"(?:\S*python\S* -m )?mapping (.+)", line):
            yield shlex.split(found[1], comments=True)


def wrong(text: str) -> list[list[str]]:
    """Commands that the parser does not know."""
    found = []
    for words in commands(text):
        known = [word for word in words if word != "…"]
        try:
            if known:
                make_parser().parse_args(known)
        except SystemExit as end:
            if end.code and not {"FILE", "WAVE", "BAD"} & {word.upper() for word in known} and len(known) > 1:
                found.append(known)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_is_one(root: Path, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert wrong((root / page).read_text(encoding="utf-8")) == []


def test_a_command_that_is_none_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    text = "```sh\npython -m mapping rebuild --wave 2026\npython -m mapping rebild --wave 1\n```\n"
    text += "`mapping forget --now 2`"
    assert wrong(text) == [["rebild", "--wave", "1"], ["forget", "--now", "2"]]


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_on_a_page_is_one(root: Path, page: str) -> None:
    text = (root / page).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    typed = "\n".join([*blocks(text, "sh"), *re.findall(r"`(make [^`]+)`", text)])
    assert set(re.findall(r"^make ([a-z][\w-]*)", typed, re.MULTILINE)) <= targets


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_settings_is_toml(root: Path, page: str) -> None:
    for block in blocks((root / page).read_text(encoding="utf-8"), "toml"):
        tomllib.loads(block)


def test_the_workflow_calls_commands_that_are_there(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (root / "workflow" / "Snakefile").read_text(encoding="utf-8")
    called = re.findall(r"-m mapping ([^\"]+)\"", text)
    assert len(called) == 2
    for line in called:
        make_parser().parse_args(shlex.split(re.sub(r"\{[^}]+\}", "x", line).split(">")[0]))


def test_the_site_has_every_page_and_no_other(root: Path) -> None:
    nav = yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    listed = [
        page
        for entry in nav
        for part in entry.values()
        for page in ([part] if isinstance(part, str) else [name for each in part for name in each.values()])
    ]
    assert [page for page in listed if not (root / "docs" / page).exists()] == []
    assert len(listed) == len(set(listed))


def test_every_public_name_stands_in_the_reference(root: Path) -> None:
    text = (root / "docs" / "api.md").read_text(encoding="utf-8")
    missing = [name for name, home in mapping._HOME.items() if f"::: {home}.{name}\n" not in text]
    assert missing == []
