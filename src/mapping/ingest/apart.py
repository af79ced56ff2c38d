"""Statistical files are read apart from the program: damage can crash or hang the C code that parses them.

A process of its own (`reader_process`) reads them, through the door, and hands back what was kept. It is started for
the first file and stays for the life of the program; nothing it is asked or answers touches a disk.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import pyarrow as pa

from mapping.errors import InputError, MappingError, PrivacyError
from mapping.ingest.parcel import DAMAGED, Labels, unpack_labels, unpack_table
from mapping.ingest.raw import RawTable

__all__ = ["STATISTICAL", "end", "read_labels", "read_statistical"]

STATISTICAL = frozenset({"sav", "por", "dta", "sas7bdat", "xpt"})
FORKS = sys.platform == "linux"  # elsewhere a fork may crash in libraries of the system
LONGEST = 120.0  # seconds that one part of a file may take
NO_MEMORY = "it took more memory than this machine has left. Close other programs, or ask for a .csv of the same data."
NOT_STARTED = (
    "The process that reads statistical files could not be started. See what this says: "
    "python -m mapping.ingest.reader_process"
)
KILLED = 9  # the signal of a system that has run out of memory
REFUSALS = {kind.__name__: kind for kind in (MappingError, InputError, PrivacyError)}

T = TypeVar("T")
Answer = dict[str, Any]


def _started(forks: bool) -> subprocess.Popen[bytes]:
    """A new process that reads; it stands in a session of its own, so that Ctrl-C reaches this program alone."""
    flags: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return subprocess.Popen(
        [sys.executable, "-P", "-W", "ignore", "-m", "mapping.ingest.reader_process", *["forks"] * forks],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)),
            "OPENBLAS_NUM_THREADS": "1",  # a process with threads should not fork
        },
        **flags,
    )


class _Process:
    """A process that reads, from its start to its end."""

    def __init__(self, forks: bool) -> None:
        try:
            self._process = _started(forks)
        except OSError:
            raise MappingError(NOT_STARTED) from None
        self._asks = cast(BinaryIO, self._process.stdin)
        self._answers = cast(BinaryIO, self._process.stdout)
        if not self._answers.readline():
            self.end()
            raise MappingError(NOT_STARTED)

    def lives(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, asked: Answer, receive: Callable[[Answer, BinaryIO], T]) -> T:
        """What `receive` makes of the answer and of what follows it; a refusal is raised as it was there."""
        self._asks.write(json.dumps(asked).encode() + b"\n")
        self._asks.flush()
        answer: Answer = {"goes_on": True}
        while "goes_on" in answer:
            with self._patience():
                answer = json.loads(self._answers.readline())
        if "refused" in answer:
            kind, message = answer["refused"]
            raise REFUSALS[kind](message)
        with self._patience():
            return receive(answer, self._answers)

    @contextlib.contextmanager
    def _patience(self) -> Iterator[None]:
        waiting = threading.Timer(LONGEST, self._kill)
        waiting.daemon = True
        waiting.start()
        try:
            yield
        finally:
            waiting.cancel()

    def _kill(self) -> None:
        """End it and what it started; whatever it holds is of no use to anybody."""
        if sys.platform == "win32":
            self._process.kill()
        elif self.lives():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """End it, and give back what it took."""
        self._kill()
        with contextlib.suppress(OSError), self._process:
            pass

    def disown(self) -> None:
        """Let go of it: it answers to another program."""
        self._process.returncode = 0
        for pipe in (self._asks, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()

    def reason(self) -> str:
        """What to say of a file at which it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process.wait(timeout=5) == KILLED:
                return NO_MEMORY
        return DAMAGED


class _Reader:
    """Who reads statistical files for this program, one after the other."""

    def __init__(self, *, forks: bool = FORKS) -> None:
        self._forks = forks
        self._turn = threading.Lock()
        self._process: _Process | None = None

    def ask(self, path: Path, receive: Callable[[Answer, BinaryIO], T], **asked: Any) -> T:
        """What `receive` makes of the answer.

        Raises
        ------
        InputError
            As it was raised there, or because the process did not survive the file.
        """
        with self._turn:
            process, stays = self._running(), False
            try:
                found = process.ask({"path": str(path.absolute()), **asked}, receive)
                stays = True
            except MappingError:
                stays = self._forks  # where it does not fork, a damaged file may have left something behind
                raise
            except (OSError, ValueError, pa.ArrowException):
                raise InputError(f"{path.name}: {process.reason()}") from None
            finally:  # also when it is interrupted
                if not stays:
                    self.end()
        return found

    def _running(self) -> _Process:
        if self._process is None or not self._process.lives():
            self.end()
            self._process = _Process(self._forks)
        return self._process

    def disown(self) -> None:
        """Let go of the process without ending it."""
        if self._process is not None:
            self._process.disown()
            self._process = None

    def end(self) -> None:
        """End the process, if there is one; the next file starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.end()


_READERS: dict[int, _Reader] = {}  # by process: a fork of this program must not speak for it


def _reader() -> _Reader:
    return _READERS.setdefault(os.getpid(), _Reader())


def _disown() -> None:
    """In a fork of this program: the process that reads for the other is not its own to wait for."""
    for reader in _READERS.values():
        reader.disown()
    _READERS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown)


@atexit.register
def end() -> None:
    """End the process that reads, if there is one, and give back its memory; the next file starts another."""
    if os.getpid() in _READERS:
        _READERS[os.getpid()].end()


def read_statistical(
    path: Path, kind: str, wanted: Collection[str] = (), *, encoding: str = "", limit: int = 0
) -> RawTable:
    """The wanted columns of an SPSS, Stata or SAS file, read apart (see `source.take_in`).

    Raises
    ------
    InputError
        If the file is cut short, damaged, or in an encoding nobody told us.
    PrivacyError
        If anything in it could identify a person.
    """
    asked = {"kind": kind, "wanted": list(wanted), "encoding": encoding, "limit": limit}
    return _reader().ask(path, lambda answer, stream: unpack_table(answer["table"], stream), **asked)


def read_labels(path: Path, kind: str, encoding: str = "") -> Labels:
    """The value labels of each column alone, without the answers."""
    asked = {"kind": kind, "encoding": encoding, "only_labels": True}
    return _reader().ask(path, lambda answer, _: unpack_labels(answer["labels"]), **asked)
