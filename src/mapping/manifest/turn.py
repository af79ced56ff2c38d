"""One rebuild of a workspace at a time: a lock that the system gives back when its holder ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mapping.errors import BuildError
from mapping.manifest.files import private_folder

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
else:
    import fcntl

__all__ = ["rebuild_lock"]

_BEYOND = 1 << 30  # Windows locks bytes, and nobody else may read them: one far behind what is written


@contextlib.contextmanager
def rebuild_lock(workspace: Path) -> Iterator[None]:
    """Only one rebuild of a workspace at a time, on this machine or on another that shares its folder.

    The file stays, so that nobody can wait for a file that is no longer there; it is empty when nobody rebuilds.

    Raises
    ------
    BuildError
        If another process is rebuilding it, or another machine is or was cut off.
    """
    path = private_folder(workspace) / ".rebuilding"
    with os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+b", buffering=0) as file:
        if not _taken(file):
            raise BuildError(f"another rebuild of {workspace} is under way. Wait for it.")
        other = file.read(1000).decode("utf-8", errors="replace").partition(" ")[2]
        if other not in ("", _machine()):
            raise BuildError(
                f"a rebuild of {workspace} on the machine {other} is under way, or was cut off. Wait for it, or end it "
                f"there; if there is none, delete {path}."
            )
        _write(file, f"{os.getpid()} {_machine()}".encode())
        try:
            yield
        finally:
            _write(file, b"")


def _machine() -> str:
    return os.uname().nodename if sys.platform != "win32" else os.environ.get("COMPUTERNAME", "")


def _write(file: BinaryIO, content: bytes) -> None:
    file.seek(0)
    file.truncate()
    file.write(content)


def _taken(file: BinaryIO) -> bool:
    """Whether the lock could be taken at once."""
    try:
        if sys.platform == "win32":  # pragma: no cover
            file.seek(_BEYOND)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
