"""The bundle for Windows: complete by the lock file, each wheel of the locked hash and for that machine."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import parse_wheel_filename

from mapping import bundle
from mapping.errors import BuildError

LOCK: dict[str, Any] = {
    "package": [
        {
            "name": "own",
            "dependencies": [
                {"name": "plain"},
                {"name": "only-windows", "marker": "sys_platform == 'win32'"},
                {"name": "only-linux", "marker": "sys_platform == 'linux'"},
                {"name": "extras", "extra": ["more"]},
            ],
            "dev-dependencies": {"dev": [{"name": "for-developers"}]},
        },
        {"name": "plain", "version": "1.0", "wheels": [{"hash": "sha256:aa"}]},
        {"name": "only-windows", "version": "2.0", "wheels": [{"hash": "sha256:bb"}]},
        {"name": "only-linux", "version": "3.0", "wheels": []},
        {
            "name": "extras",
            "version": "4.0",
            "wheels": [{"hash": "sha256:cc"}],
            "optional-dependencies": {"more": [{"name": "deeper"}], "unasked": [{"name": "for-developers"}]},
        },
        {"name": "deeper", "version": "5.0", "resolution-markers": ["python_full_version >= '3.12'"]},
        {"name": "deeper", "version": "4.9", "resolution-markers": ["python_full_version < '3.12'"]},
        {"name": "for-developers", "version": "9.0"},
    ]
}


def test_what_windows_needs_is_followed_through_the_lock() -> None:
    assert [(one.name, one.version) for one in bundle.pinned(LOCK, "own")] == [
        ("deeper", "4.9"),
        ("extras", "4.0"),
        ("only-windows", "2.0"),
        ("plain", "1.0"),
    ]


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    for name in ("plain-1.0-py3-none-any.whl", "other-1.0-cp311-cp311-win_amd64.whl"):
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def asked(name: str, of: str = "", version: str = "1.0") -> bundle.Pinned:
    return bundle.Pinned(name, version, frozenset({hashlib.sha256(of.encode()).hexdigest()}))


def test_a_bundle_with_every_wheel_lacks_nothing(wheels: Path) -> None:
    wanted = [
        asked("plain", "plain-1.0-py3-none-any.whl"),
        asked("other", "other-1.0-cp311-cp311-win_amd64.whl"),
    ]
    assert bundle.missing(wanted, wheels) == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("gone-1.0-py3-none-any.whl", asked("absent")),
        ("plain-1.1-py3-none-any.whl", asked("plain", "plain-1.1-py3-none-any.whl")),  # another version
        ("linux-1.0-py3-none-linux_x86_64.whl", asked("linux", "linux-1.0-py3-none-linux_x86_64.whl")),
        ("newer-1.0-cp312-cp312-win_amd64.whl", asked("newer", "newer-1.0-cp312-cp312-win_amd64.whl")),
        ("harmed-1.0-py3-none-any.whl", asked("harmed", "what was locked")),  # another hash
    ],
)  # fmt: skip
def test_a_wheel_that_windows_would_not_take_is_missing(
    tmp_path: Path, name: str, wanted: bundle.Pinned
) -> None:
    (tmp_path / name).write_bytes(name.encode())
    assert bundle.missing([wanted], tmp_path) == [f"{wanted.name} {wanted.version}"]


def test_every_package_of_the_lock_has_a_wheel_for_windows(root: Path) -> None:
    """Without a network: by the names of the wheels that the lock file lists."""
    lock = tomllib.loads((root / "uv.lock").read_text(encoding="utf-8"))
    wanted = bundle.pinned(lock, bundle.PROJECT)
    names = {
        (package["name"], package["version"]): [
            wheel["url"].rsplit("/", 1)[-1] for wheel in package.get("wheels", ())
        ]
        for package in lock["package"]
        if "version" in package
    }
    assert len(wanted) > 100
    assert not [
        one.name
        for one in wanted
        if not any(parse_wheel_filename(name)[3] & bundle._TAGS for name in names[one.name, one.version])
    ]


def test_the_installer_is_one_that_old_windows_reads() -> None:
    bundle.INSTALL.encode("ascii")
    assert "--require-hashes" in bundle.INSTALL
    assert "--no-index" in bundle.INSTALL


def test_without_a_lock_file_it_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="a clone of the repository"):
        bundle.bundle(tmp_path, tmp_path / "bundle", pip=["pip"], say=print)
