"""The machine under a workspace: what `check` warns of, and what to do where the machine itself refuses.

Uses the standard library only.
"""

from __future__ import annotations

import errno
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

__all__ = ["machine_trouble", "warnings_about"]

# the folders of well-known services, as their programs name them (lower case; "OneDrive - Exempelköpings kommun")
_SYNCED = re.compile(
    r"(?P<service>onedrive|dropbox|google ?drive|googledrive|my drive|icloud ?drive|icloud~.*|mobile documents|"
    r"com~apple~clouddocs|nextcloud|owncloud|box sync|syncthing|sync|mega|megasync|pcloud ?drive|creative cloud files|"
    r"cloudstorage)(?:[ _-].*)?",
    re.IGNORECASE,
)
_MARKERS = (
    *(
        ".dropbox",
        ".dropbox.cache",
        ".owncloudsync.log",
        ".nextcloudsync.log",
        ".csync_journal.db",
        ".stfolder",
    ),
    *(".tmp.drivedownload", ".sync.ffs_db"),
)
_VARIABLES = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer", "DROPBOX_PATH", "NEXTCLOUD_PATH")


_REMEDIES: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOSPC: "the disk is full; make room, then run it again",
        errno.EDQUOT: "your share of the disk is used up; make room, then run it again",
        errno.EFBIG: "a file may not grow any further here; ask who set that limit, then run it again",
        errno.EROFS: "nothing can be written there; see who may write to the folder, then run it again",
        errno.EACCES: "this is not allowed; close programs that hold the file open, and see who may write there",
        errno.EPERM: "this is not allowed; close programs that hold the file open, and see who may write there",
        errno.EIO: "the disk or the network drive does not answer; see to it, then run it again",
    }
)


def machine_trouble(error: BaseException) -> str:
    """What the machine refused, where and what to do; empty where an error is none of the machine's."""
    if isinstance(error, MemoryError):
        return "the memory is used up; close other programs or use a larger machine, then run it again"
    remedy = _REMEDIES.get(error.errno or 0) if isinstance(error, OSError) else None
    if remedy is None or not isinstance(error, OSError):
        return ""
    return f"{error.filename}: {remedy}" if error.filename else remedy


def warnings_about(workspace: Path, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Sentences on what could carry the data of the workspace away, each with its remedy; none where all is well."""
    folder = workspace.resolve()
    return [*_synchronised(folder, environment), *_tracked(folder), *_readable(folder)]


def _synchronised(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    found = next(_services(folder, environment), "")
    if found:
        yield (
            f"The workspace lies in a synchronised folder ({found}): every file in data/ is copied to other machines. "
            "Move it to a disk of your own or a protected file share."
        )


def _services(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    lineage = [folder, *folder.parents]
    for place in lineage:
        if match := _SYNCED.fullmatch(place.name):
            yield match["service"]
        if marker := next((name for name in _MARKERS if (place / name).exists()), None):
            yield marker
        if any(place.glob("._sync_*.db")) or any(place.glob(".sync_*.db")):
            yield "Nextcloud"
    for name in _VARIABLES:
        if (value := environment.get(name)) and Path(value).resolve() in lineage:
            yield name


def _tracked(folder: Path) -> Iterator[str]:
    """A git tree with a remote, in which files of data/ would be taken along."""
    root = next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)
    if root is None or not _has_remote(root):
        return
    probes = [folder / "data" / "raw" / "any" / "answers.sav", folder / "data" / "processed" / "any.parquet"]
    held = _git(root, "ls-files", "--", *(str(folder / "data" / name) for name in ("raw", "processed")))
    known = [
        line
        for line in held.splitlines()
        if not line.endswith((".toml", ".gitkeep", ".gitignore", "README.md"))
    ]
    if known:
        yield (
            "Files of data/ are under version control in a git tree with a remote: they would be pushed. Take them out "
            "of the history, not only out of the tree, before the next push."
        )
    elif any(not _ignored(root, probe) for probe in probes):
        yield (
            "The workspace lies in a git tree with a remote, and git does not ignore its data/: the next commit could "
            "take answers along. Add data/ to .gitignore."
        )


def _has_remote(root: Path) -> bool:
    return bool(_git(root, "remote").strip())


def _ignored(root: Path, path: Path) -> bool:
    return bool(_git(root, "check-ignore", "--no-index", "--", str(path)).strip())


def _git(root: Path, *arguments: str) -> str:
    """What git says, or nothing where there is no git."""
    try:
        run = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout


def _readable(folder: Path) -> Iterator[str]:
    """Folders and files of data/ that others on the machine may read."""
    if os.name != "posix":
        return
    for name in ("processed", "raw"):
        place = folder / "data" / name
        if not place.is_dir() or not place.stat().st_mode & 0o077 or _shut_above(place, folder):
            continue
        if name == "raw" and not any(path.is_file() and path.suffix != ".toml" for path in place.rglob("*")):
            continue
        yield f"Others on this machine may read data/{name}. Close it: `chmod 700 data/{name}`."


def _shut_above(place: Path, folder: Path) -> bool:
    """Whether a folder above is closed to others, so that nobody gets as far."""
    between = [folder / "data", folder]
    return any(not above.stat().st_mode & 0o011 for above in between if above != place)
