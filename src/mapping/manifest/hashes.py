"""Hashes of what outputs are made from: inputs and settings under the key of the workspace, code as it is."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mapping.manifest.files import wave_folders

__all__ = ["code_digest", "digest", "each", "files_in", "fingerprint", "lock_digest"]

_PACKAGE = Path(__file__).parents[1]
_LOCK = _PACKAGE.parents[1] / "uv.lock"  # beside src/, where the program runs from its repository


def digest(paths: Iterable[Path], root: Path, key: bytes | None = None) -> str:
    """One hash over names and contents of files; keyed where `key` is given."""
    total = hmac.new(key, digestmod="sha256") if key else hashlib.sha256()
    for path in sorted(paths):
        total.update(_named(path, root))
    return total.hexdigest()


def each(paths: Iterable[Path], root: Path, key: bytes | None = None) -> dict[str, str]:
    """A hash of every file over its name and content, by its path below `root`."""
    return {path.relative_to(root).as_posix(): digest([path], root, key) for path in sorted(paths)}


def _named(path: Path, root: Path) -> bytes:
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").digest()
    return path.relative_to(root).as_posix().encode() + b"\0" + content


def files_in(folder: Path) -> Iterator[Path]:
    """The files below a folder, without hidden ones."""
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def code_digest() -> str:
    """A hash of this package's own files."""
    kept = {".py", ".toml", ".typ", ".html", ".css", ".js", ".jinja", ".ttf", ".otf"}
    return digest((path for path in files_in(_PACKAGE) if path.suffix in kept), _PACKAGE)


def lock_digest() -> str:
    """A hash of the versions that this program is locked to; empty where it was installed without its lock file."""
    return digest([_LOCK], _LOCK.parent) if _LOCK.is_file() else ""


def fingerprint(workspace: Path, wave: str, key: bytes) -> dict[str, Any]:
    """What the outputs of `wave` depend on: its inputs, earlier waves', settings, geography, code and versions."""
    raw = workspace / "data" / "raw"
    shared = [workspace / "municipality.toml", workspace / "publication.toml"]
    shared += [*files_in(raw / "geography"), *files_in(workspace / "indicators")]
    waves = [path for folder in wave_folders(workspace) if folder.name <= wave for path in files_in(folder)]
    return {
        "settings": each((path for path in shared if path.exists()), workspace, key),
        "inputs": each(waves, workspace, key),
        "code": code_digest(),
        "lock": lock_digest(),
    }
