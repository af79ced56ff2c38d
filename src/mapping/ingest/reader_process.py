"""The process in which statistical files are read: ``python -m mapping.ingest.reader_process``, started by `apart`.

Each line that comes in asks for one file; a line of JSON goes out for each part read and one for the answer, which the
columns follow. Where a process can fork safely each file is read in a fork of its own, which takes its memory, its open
files and whatever damage it did along. One that crashes ends this process too, which says so by ending.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from mapping.errors import MappingError
from mapping.ingest.parcel import pack_labels, pack_table, send_columns
from mapping.ingest.source import take_in
from mapping.ingest.statistical import open_statistical, value_labels

__all__ = ["main"]

MISTAKE = "a mistake of this program stopped the reading ({}). Nothing was read in. Tell those who keep the program."


def _say(answers: BinaryIO, **what: Any) -> None:
    answers.write(json.dumps(what).encode() + b"\n")
    answers.flush()


def _reporting(parts: Iterator[pd.DataFrame], answers: BinaryIO) -> Iterator[pd.DataFrame]:
    """The parts of a file, each announced, so that whoever waits knows that the reading goes on."""
    for part in parts:
        _say(answers, goes_on=True)
        yield part


def _read(asked: dict[str, Any], answers: BinaryIO) -> None:
    path, kind, encoding = Path(asked["path"]), asked["kind"], asked["encoding"]
    if asked.get("only_labels"):
        _say(answers, labels=pack_labels(value_labels(path, kind, encoding)))
        return
    source = open_statistical(path, kind, encoding)
    source.parts = _reporting(source.parts, answers)
    table = take_in(source, asked["wanted"], asked["limit"])
    _say(answers, table=pack_table(table))
    send_columns(table.frame, answers)
    answers.flush()


def _answer(asked: dict[str, Any], answers: BinaryIO) -> None:
    try:
        _read(asked, answers)
    except MappingError as error:
        _say(answers, refused=[type(error).__name__, str(error)])
    except Exception as error:  # a mistake of ours: told by its place, for its own message may hold a value
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        _say(answers, refused=[MappingError.__name__, f"{Path(asked['path']).name}: {MISTAKE.format(where)}"])


def _in_a_fork(asked: dict[str, Any], answers: BinaryIO) -> int:
    """The signal that ended the fork, or 0."""
    fork = os.fork()
    if not fork:
        ended = 1
        try:
            _answer(asked, answers)
            ended = 0
        finally:
            os._exit(ended)
    status = os.waitpid(fork, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Where questions come from and answers go to; nobody else in this process can write there, nor leave a core."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return requests, answers


def main(forks: bool) -> int:
    """Answer until nobody asks any more; returns the signal that ended the reading of a file, or 0."""
    requests, answers = _pipes()
    _say(answers, ready=True)
    for line in requests:
        asked = json.loads(line)
        if not forks:
            _answer(asked, answers)
        elif ended := _in_a_fork(asked, answers):
            return ended
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] == ["forks"]))
