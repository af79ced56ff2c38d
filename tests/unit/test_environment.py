"""One set of versions, whichever way the environment is made: uv, pip or conda."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PROJECT = "mapping-hrv"


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def locked(root: Path) -> dict[str, set[str]]:
    """Versions by package in uv.lock; a package may have one for each platform or Python."""
    versions: dict[str, set[str]] = {}
    for package in read_toml(root / "uv.lock")["package"]:
        if package["name"] != PROJECT:
            versions.setdefault(package["name"], set()).add(package["version"])
    return versions


def exported(text: str) -> dict[str, set[str]]:
    """Versions by package in an exported lock."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE):
        versions.setdefault(canonicalize_name(name), set()).add(version)
    return versions


@pytest.fixture(scope="module")
def requirements(root: Path) -> str:
    return (root / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def conda(root: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8")))


def test_pip_installs_exactly_what_uv_installs(root: Path, requirements: str) -> None:
    assert exported(requirements) == locked(root)


def test_a_version_that_drifted_would_be_seen(root: Path, requirements: str) -> None:
    drifted = re.sub(r"^pandas==\S+", "pandas==2.0.0", requirements, flags=re.MULTILINE)
    assert exported(drifted) != locked(root)


def test_every_package_is_pinned_by_its_hash_and_no_server_is_named(requirements: str) -> None:
    entries = re.split(r"^(?=\S)", requirements, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in requirements


def test_the_lock_satisfies_what_the_project_asks_for(root: Path) -> None:
    project, versions = read_toml(root / "pyproject.toml"), locked(root)
    asked = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    for requirement in map(Requirement, asked):
        found = versions[canonicalize_name(requirement.name)]
        assert all(requirement.specifier.contains(version) for version in found), requirement


def test_conda_takes_its_packages_from_the_same_lock(conda: dict[str, Any]) -> None:
    assert [item for item in conda["dependencies"] if isinstance(item, dict)] == [
        {"pip": ["-r requirements.lock"]}
    ]
    assert {re.split(r"[<>=]", item)[0] for item in conda["dependencies"] if isinstance(item, str)} == {
        "python",
        "pip",
    }


def test_conda_brings_a_python_the_project_supports(root: Path, conda: dict[str, Any]) -> None:
    wanted = next(item for item in conda["dependencies"] if str(item).startswith("python"))
    given = SpecifierSet(wanted.removeprefix("python"))
    supported = SpecifierSet(read_toml(root / "pyproject.toml")["project"]["requires-python"])
    assert given == supported
    assert read_toml(root / "uv.lock")["requires-python"].replace(" ", "") == wanted.removeprefix("python")


def test_setup_looks_for_the_pythons_the_project_supports(root: Path) -> None:
    setup = (root / ".ci" / "setup").read_text(encoding="utf-8")
    supported = SpecifierSet(read_toml(root / "pyproject.toml")["project"]["requires-python"])
    named = {f"3.{minor}" for minor in range(30) if f"3.{minor}.0" in supported}
    assert set(re.findall(r"python(3\.\d+)", setup)) == named
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in setup


def test_all_files_that_name_a_version_name_the_same(root: Path) -> None:
    version = read_toml(root / "pyproject.toml")["project"]["version"]
    for name in ("CITATION.cff", "publiccode.yml"):
        key = "version" if name.endswith("cff") else "softwareVersion"
        assert str(yaml.safe_load((root / name).read_text(encoding="utf-8"))[key]) == version, name
    assert f'__version__ = "{version}"' in (root / "src" / "mapping" / "__init__.py").read_text(
        encoding="utf-8"
    )
    assert f"## [{version}]" in (root / "CHANGELOG.md").read_text(encoding="utf-8")
