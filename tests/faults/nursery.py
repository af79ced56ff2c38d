"""Rebuilds that come to harm: loads the program once, and lets a child of its own do each rebuild it is asked for.

Reads a JSON task a line, answers with a JSON line. A child dies by SIGKILL before the `at`-th change it would make to a
file of the workspace, or `after` so many seconds; or it meets a limit. Not a test: run by the fixture `rebuilds`.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mapping import pipeline
from mapping.cli import main

CHANGES = {
    "open",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.chmod",
    "ctypes.dlsym",
    "tempfile.mkstemp",
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def is_change(event: str, arguments: tuple[Any, ...], workspace: str) -> bool:
    """Whether an audit event is a change of a file in the workspace."""
    if event not in CHANGES:
        return False
    if event == "ctypes.dlsym":
        return arguments[1] == "renameat2"
    if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & WRITING):
        return False
    return isinstance(arguments[0], str | os.PathLike) and os.fspath(arguments[0]).startswith(workspace)


def harm(task: Mapping[str, Any], changes: list[int]) -> None:
    """Count changes; end the process, or let the disk be full, where the task says so."""
    workspace = str(task["workspace"])

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if is_change(event, arguments, workspace):
            changes[0] += 1
            if changes[0] == task.get("at"):
                os.kill(os.getpid(), signal.SIGKILL)
            if changes[0] >= task.get("full", sys.maxsize) and event in (
                "open",
                "os.mkdir",
                "tempfile.mkstemp",
            ):
                raise OSError(errno.ENOSPC, "No space left on device", str(arguments[0]))

    sys.addaudithook(watch)
    if "after" in task:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, task["after"])
    for name, most in task.get("limits", {}).items():
        resource.setrlimit(getattr(resource, name), (most, most))
    if "memory" in task:
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + task["memory"],) * 2)
    if task.get("ordinary") and os.geteuid() == 0:
        be_ordinary()


def be_ordinary() -> None:
    """Give up root's right to write where permissions say no."""
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.capget(header, sets)
    for place in (0, 1):  # effective and permitted: not CAP_DAC_OVERRIDE, not CAP_DAC_READ_SEARCH
        sets[place] &= ~0b110
    if libc.capset(header, sets):
        raise OSError(ctypes.get_errno(), "capset")


def rebuild(task: Mapping[str, Any]) -> dict[str, Any]:
    """Do one rebuild in a child; says how it ended, what it said and how long it took."""
    reading, writing = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8") for number in (1, 2))
        sys.stdin.close()
        changes = [0]
        harm(task, changes)
        code = main(["--workspace", task["workspace"], *task.get("command", ["rebuild"])])
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(writing, f"\nchanges={changes[0]}".encode())
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as said:
        text = said.read()
    _, status = os.waitpid(child, 0)
    words, _, changes_ = text.rpartition("\nchanges=")
    return {
        "code": os.waitstatus_to_exitcode(status),
        "said": words or text,
        "changes": int(changes_) if changes_.isdigit() else 0,
        "seconds": time.monotonic() - began,
    }


if __name__ == "__main__":
    Path(pipeline.__file__).resolve(strict=True)
    for line in sys.stdin:
        print(json.dumps(rebuild(json.loads(line))), flush=True)
