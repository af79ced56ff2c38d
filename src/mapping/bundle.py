"""A folder from which a Windows machine without network, make or administrator rights installs this program.

Made where there is a network and no data: pip fetches the locked wheels, each held against its hash. It is the only
command that starts a program which talks to a network, and it opens no file of a workspace.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from mapping.errors import BuildError

__all__ = ["Pinned", "bundle", "missing", "pinned"]

PROJECT = "mapping-hrv"
PYTHON = (3, 11)
PLATFORM = "win_amd64"
_WINDOWS = MappingProxyType(
    {
        "implementation_name": "cpython",
        "implementation_version": "3.11.0",
        "os_name": "nt",
        "platform_machine": "AMD64",
        "platform_python_implementation": "CPython",
        "platform_release": "10",
        "platform_system": "Windows",
        "platform_version": "10.0",
        "python_full_version": "3.11.0",
        "python_version": "3.11",
        "sys_platform": "win32",
        "extra": "",
    }
)
INSTALL = r"""@echo off
rem Installs mapping into the folder .venv beside this file, from the wheels beside it: no network, no administrator.
setlocal
cd /d "%~dp0"
set PYTHONUTF8=1
py -3.11 -c "" 2>nul || (echo Python 3.11 for Windows, 64 bit, is needed: see docs/windows.md. & exit /b 1)
py -3.11 -m venv .venv || exit /b 1
set PIP=.venv\Scripts\python.exe -m pip install --disable-pip-version-check --no-index --find-links wheels --quiet
%PIP% --require-hashes --requirement requirements.txt || exit /b 1
for %%w in (own\*.whl) do %PIP% --no-deps "%%w" || exit /b 1
.venv\Scripts\python.exe -m mapping --version || exit /b 1
echo Installed. In the folder of your municipality, run:  "%~dp0.venv\Scripts\python.exe" -m mapping rebuild
"""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A locked version of a package, with the hashes its files may have."""

    name: str
    version: str
    hashes: frozenset[str]

    def line(self) -> str:
        """The line of a requirements file."""
        return " ".join(
            [f"{self.name}=={self.version}", *(f"--hash=sha256:{h}" for h in sorted(self.hashes))]
        )


def pinned(lock: Mapping[str, Any], project: str) -> tuple[Pinned, ...]:
    """What `project` needs on a Windows machine, as uv.lock pins it; what only its developers need is left out."""
    packages: dict[str, list[Mapping[str, Any]]] = {}
    for package in lock["package"]:
        packages.setdefault(package["name"], []).append(package)
    found: dict[str, Pinned] = {}
    waiting = [{"name": project}]
    seen: set[tuple[str, str]] = set()
    while waiting:
        asked = waiting.pop()
        for package in packages[asked["name"]]:
            if not _applies(package, asked):
                continue
            for extra in ("", *asked.get("extra", ())):
                if (visit := (package["name"], extra)) not in seen:
                    seen.add(visit)
                    more = package.get("optional-dependencies", {}).get(extra, ()) if extra else ()
                    needs = [*(package.get("dependencies", ()) if not extra else ()), *more]
                    waiting += [need for need in needs if _on_windows(need.get("marker", ""))]
            if package["name"] != project:
                hashes = frozenset(
                    wheel["hash"].removeprefix("sha256:") for wheel in package.get("wheels", ())
                )
                found[package["name"]] = Pinned(package["name"], package["version"], hashes)
    return tuple(found[name] for name in sorted(found))


def _applies(package: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether a package of the lock, of which there may be several versions, is the one that is asked for."""
    markers = package.get("resolution-markers", ())
    return asked.get("version", package.get("version")) == package.get("version") and (
        not markers or any(map(_on_windows, markers))
    )


def _on_windows(marker: str) -> bool:
    return not marker or Marker(marker).evaluate(dict(_WINDOWS))


def missing(asked: Sequence[Pinned], wheels: Path) -> list[str]:
    """What a folder of wheels lacks: packages without a wheel that Windows takes, of the locked version and hash."""
    return [
        f"{one.name} {one.version}"
        for one in asked
        if not any(_suits(one, path) for path in wheels.glob("*.whl"))
    ]


def _suits(asked: Pinned, path: Path) -> bool:
    name, version, _, tags = parse_wheel_filename(path.name)
    if name != asked.name or str(version) != asked.version or not tags & _TAGS:
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() in asked.hashes


def _windows_tags() -> Iterator[Tag]:
    yield from cpython_tags(PYTHON, platforms=[PLATFORM])
    yield from compatible_tags(PYTHON, "cp311", [PLATFORM])


_TAGS = frozenset(_windows_tags())


def bundle(root: Path, into: Path, *, pip: Sequence[str], say: Callable[[str], None]) -> tuple[int, int]:
    """Write the bundle of the repository at `root` into the folder `into`; returns how many wheels, and their bytes.

    Parameters
    ----------
    pip : sequence of str
        How pip is called, such as ``[python, "-m", "pip"]``.

    Raises
    ------
    BuildError
        If there is no lock file, pip cannot fetch a wheel, or one is missing in the end.
    """
    lock = root / "uv.lock"
    if not lock.exists():
        raise BuildError(f"{lock} is not there. `mapping bundle` is run in a clone of the repository.")
    asked, wheels = pinned(tomllib.loads(lock.read_text(encoding="utf-8")), PROJECT), into / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    (into / "requirements.txt").write_text("".join(f"{one.line()}\n" for one in asked), encoding="utf-8")
    (into / "install.cmd").write_bytes(INSTALL.replace("\n", "\r\n").encode("ascii"))
    say(f"fetching {len(asked)} wheels")
    target = [
        "--platform",
        PLATFORM,
        "--python-version",
        "3.11",
        "--implementation",
        "cp",
        "--only-binary=:all:",
    ]
    fetch = ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", *target]
    _run([*pip, *fetch, "--dest", str(wheels), "--requirement", str(into / "requirements.txt")], root)
    say("making the program's own wheel")
    _run(
        [
            sys.executable,
            "-m",
            "hatchling",
            "build",
            "--target",
            "wheel",
            "--directory",
            str((into / "own").resolve()),
        ],
        root,
    )
    if lacking := missing(asked, wheels):
        raise BuildError(f"{wheels}: wheels are missing: {', '.join(lacking)}. Run `mapping bundle` again.")
    found = [*wheels.glob("*.whl"), *(into / "own").glob("*.whl")]
    return len(found), sum(path.stat().st_size for path in found)


def _run(command: Sequence[str], folder: Path) -> None:
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        last = (ran.stderr.strip() or ran.stdout.strip() or "it said nothing").splitlines()[-1]
        raise BuildError(
            f"{' '.join(command[1:4])} failed: {last}. The bundle is made on a machine with a network and pip; name "
            "another pip with --python."
        )
