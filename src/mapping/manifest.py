"""What was made from what: keyed content hashes of inputs, plain ones of code and public outputs.

Uses the standard library only, so that a rebuild with nothing to do answers at once. Hashes of inputs are HMACs under
an owner-only key: a plain hash of a small table would confirm a guess of its content.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapping.errors import BuildError

__all__ = [
    "Closed",
    "closed_waves",
    "code_digest",
    "digest",
    "erase_wave",
    "fingerprint",
    "is_fresh",
    "mark_forgotten",
    "private_folder",
    "private_wave",
    "rebuild_lock",
    "record",
    "recorded_intake",
    "wave_folders",
    "workspace_key",
    "write_whole",
]

# a synthetic municipality holds no secret; a fixed key makes its outputs the same on every machine
SYNTHETIC_KEY = hashlib.sha256(b"synthetic municipality").digest()
_PACKAGE = Path(__file__).parent


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
    """Put `content` at `path` so that a reader finds the old file or the whole new one, never a part."""
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


def digest(paths: Iterable[Path], root: Path, key: bytes | None = None) -> str:
    """One hash over names and contents of files; keyed where `key` is given."""
    total = hmac.new(key, digestmod="sha256") if key else hashlib.sha256()
    for path in sorted(paths):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + content)
    return total.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def code_digest() -> str:
    """A hash of this package's own files."""
    kept = {".py", ".toml", ".typ", ".html", ".css", ".js", ".jinja", ".ttf", ".otf"}
    return digest((path for path in _files(_PACKAGE) if path.suffix in kept), _PACKAGE)


def fingerprint(workspace: Path, wave: str, key: bytes) -> dict[str, str]:
    """What the outputs of `wave` depend on: its inputs, earlier waves', settings, geography and code."""
    raw = workspace / "data" / "raw"
    shared = [workspace / "municipality.toml", workspace / "publication.toml"]
    shared += [*_files(raw / "geography"), *_files(workspace / "indicators")]
    waves = [path for folder in wave_folders(workspace) if folder.name <= wave for path in _files(folder)]
    return {
        "settings": digest((path for path in shared if path.exists()), workspace, key),
        "inputs": digest(waves, workspace, key),
        "code": code_digest(),
    }


def _manifest(workspace: Path) -> Path:
    return workspace / "data" / "processed" / "manifest.json"


def _read(workspace: Path) -> dict[str, dict[str, str]]:
    try:
        content = json.loads(_manifest(workspace).read_text(encoding="utf-8"))
        return dict(content["waves"]) if content.get("schema") == 1 else {}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}


def is_fresh(workspace: Path, wave: str, key: bytes) -> bool:
    """Whether the outputs of `wave` stand as they were made, from what now lies in the workspace."""
    known = _read(workspace).get(wave)
    reports = workspace / "reports" / wave
    if not known or not reports.is_dir():
        return False
    now = fingerprint(workspace, wave, key) | {"outputs": digest(_files(reports), reports)}
    return now == known


def record(workspace: Path, wave: str, made_from: Mapping[str, str]) -> None:
    """Note that the outputs of `wave`, as they now stand, were made from `made_from`."""
    reports = workspace / "reports" / wave
    waves = _read(workspace) | {wave: {**made_from, "outputs": digest(_files(reports), reports)}}
    content = json.dumps({"schema": 1, "waves": waves}, indent=1, sort_keys=True)
    write_whole(_manifest(workspace), content.encode())


def recorded_intake(workspace: Path, wave: str) -> dict[str, Any]:
    """What was noted of the survey file when the wave was last taken in; nothing where there is no note."""
    try:
        content = json.loads(
            (workspace / "data" / "processed" / wave / "intake.json").read_text(encoding="utf-8")
        )
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) and content.get("schema") == 1 else {}


@dataclass(frozen=True, slots=True)
class Closed:
    """Waves that are not released anew: those `forgotten`, and those `bound` to them by a pool that was printed."""

    forgotten: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()

    def __contains__(self, wave: object) -> bool:
        return wave in self.forgotten or wave in self.bound

    def refuse(self, waves: Iterable[str]) -> None:
        """Stop where one of `waves` is closed.

        Raises
        ------
        BuildError
            Naming the wave.
        """
        if shut := next((wave for wave in waves if wave in self), None):
            raise BuildError(
                f"wave {shut} is closed by `mapping forget`: without the counts behind what was printed nothing new "
                "of it can be checked. What stands in reports/ stays."
            )


def _closed(workspace: Path) -> Path:
    return workspace / "data" / "processed" / "forgotten.json"


def closed_waves(workspace: Path) -> Closed:
    """The waves that `mapping forget` has closed.

    Raises
    ------
    BuildError
        If the note of them cannot be read: without it a forgotten wave could come back unprotected.
    """
    try:
        content = json.loads(_closed(workspace).read_text(encoding="utf-8"))
        return Closed(frozenset(content["forgotten"]), frozenset(content["bound"]))
    except FileNotFoundError:
        return Closed()
    except (ValueError, KeyError, TypeError) as error:
        raise BuildError(
            f"{_closed(workspace)}: the note of forgotten waves is damaged. Restore it from a backup."
        ) from error


def mark_forgotten(workspace: Path, wave: str, bound: Iterable[str]) -> None:
    """Note that `wave` is forgotten, and that the waves in `bound` are closed with it."""
    known = closed_waves(workspace)
    content = {"forgotten": sorted({*known.forgotten, wave}), "bound": sorted({*known.bound, *bound})}
    private_folder(workspace)
    write_whole(_closed(workspace), json.dumps({"schema": 1, **content}, indent=1).encode())


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


@contextlib.contextmanager
def rebuild_lock(workspace: Path) -> Iterator[None]:
    """Only one rebuild of a workspace at a time.

    Raises
    ------
    BuildError
        If another process is rebuilding it.
    """
    path = private_folder(workspace) / ".rebuilding"
    for attempt in (1, 2):
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            break
        except FileExistsError as error:
            if attempt == 2 or _alive(path):
                raise BuildError(
                    f"another rebuild of {workspace} is under way. Wait for it; if none is running, delete {path}."
                ) from error
            path.unlink(missing_ok=True)
    with os.fdopen(handle, "w") as file:
        file.write(str(os.getpid()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _alive(lock: Path) -> bool:
    try:
        process = int(lock.read_text() or 0)
    except (ValueError, FileNotFoundError):
        return False
    if os.name == "nt":  # os.kill would end the process there: trust the lock
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process > 0
