"""Files of a workspace that belong to its owner alone, and how any file is put in place: whole or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from mapping.errors import BuildError

__all__ = [
    "erase_wave",
    "own_copy",
    "private_folder",
    "private_wave",
    "wave_folders",
    "workspace_key",
    "write_whole",
]

# a synthetic municipality holds no secret; a fixed key makes its outputs the same on every machine
SYNTHETIC_KEY = hashlib.sha256(b"synthetic municipality").digest()


def private_folder(workspace: Path) -> Path:
    """`data/processed` of the workspace, readable by its owner only."""
    folder = workspace / "data" / "processed"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def private_wave(workspace: Path, wave: str) -> Path:
    """The folder of a wave in `private_folder`, readable by its owner only."""
    folder = private_folder(workspace) / wave
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put `content` at `path` so that a reader finds the old file or the whole new one, even after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make sure that the names in `folder` are on the disk (Windows keeps its own order)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def own_copy(file: Path, folder: Path) -> Path:
    """A copy of a survey file in the folder of its wave, which from then on is its owner's alone; one there is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    copy = folder / file.name
    if not copy.exists():
        shutil.copyfile(file, copy)
        copy.chmod(0o600)
    return copy


def workspace_key(workspace: Path, *, synthetic: bool) -> bytes:
    """The secret of the workspace: pseudonyms, keyed hashes and jitter hang on it. Made on first use."""
    if synthetic:
        return SYNTHETIC_KEY
    path = private_folder(workspace) / ".key"
    if not path.exists():
        write_whole(path, secrets.token_bytes(32))
    key = path.read_bytes()
    if len(key) != 32:
        raise BuildError(
            f"{path}: the workspace key is damaged. Restore it from a backup; pseudonyms depend on it."
        )
    return key


def wave_folders(workspace: Path) -> list[Path]:
    """The folders of `data/raw` that hold a wave.toml, in the order of their names."""
    return sorted(path.parent for path in (workspace / "data" / "raw").glob("*/wave.toml"))


def erase_wave(workspace: Path, wave: str) -> int:
    """Remove the owner-only folder of a wave; returns how many files it held."""
    folder = workspace / "data" / "processed" / wave
    if folder.is_symlink():
        folder.unlink()  # never what it points to
        return 1
    held = sum(path.is_file() for path in folder.rglob("*"))
    if folder.exists():
        shutil.rmtree(folder)
    return held
