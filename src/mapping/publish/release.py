"""A release in place: the only file that writes under reports/, and it writes all of a release or nothing.

Everything is built in a folder beside the old one, audited there, and then put in its place by renaming. What stood
before stands until the new one is whole; after a crash the next call puts it back.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from mapping.disclosure.protected import ProtectedRelease, require_sealed
from mapping.errors import BuildError
from mapping.publish import accessibility, documents, open_data, page, pictures, report
from mapping.publish.atlas import atlas
from mapping.publish.content import content
from mapping.publish.context import Context
from mapping.publish.picture import in_pixels_of
from mapping.publish.view import View
from mapping.texts import load

__all__ = ["Audit", "Certify", "write_release", "write_report"]

Audit = Callable[[Path], Mapping[str, Any]]
Certify = Callable[[Path], Mapping[str, Any] | None]
Files = dict[str, bytes]

RELEASE = "release.json"
SCHEMA = 1
_LONG = ("relations", "certificate")
_AIRY: Final[Mapping[str, Any]] = MappingProxyType({"indent": 1})
_DENSE: Final[Mapping[str, Any]] = MappingProxyType({"separators": (",", ":")})


def write_release(
    release: ProtectedRelease,
    context: Context,
    folder: Path,
    *,
    relations: Sequence[Mapping[str, Any]] = (),
    certify: Certify | None = None,
    audit: Audit | None = None,
) -> Path:
    """Put the reports, pages, maps, tables and release.json of `release` into `folder`, whole or not at all.

    Parameters
    ----------
    release : ProtectedRelease
        What `protect` returned, with its public model.
    context : Context
        Who publishes, what was asked, what places are called.
    folder : Path
        ``reports/<wave>``; what stands there is replaced.
    relations : sequence of mapping
        How the cells add up, as `disclosure.public_relations` gives it: what the audit starts from.
    certify : callable, optional
        Called with the folder in which the release stands, all but its certificate; it returns the certificate as plain
        data, made from what stands there.
    audit : callable, optional
        Called with the folder in which the release stands whole, before it is put in place; it returns the verdict
        as plain data, or raises to stop the release.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    BuildError
        If a file cannot be made or put in place.
    """
    release = require_sealed(release)
    files = _files(release, context, audited=audit is not None)
    about = _about(release, context, relations, files)
    new, old = (folder.with_name(f".{folder.name}.{state}") for state in ("new", "old"))
    _recover(folder, old)
    try:
        shutil.rmtree(new, ignore_errors=True)
        _write(new, files | {RELEASE: _json(about)})
        if certify is not None:
            about["certificate"] = certify(new)
            _write(new, {RELEASE: _json(about)})
        if audit is not None:
            _write(new, {RELEASE: _json(about | {"audit": dict(audit(new))})})
        _swap(new, folder, old)
    except OSError as error:
        raise BuildError(
            f"{folder}: the release cannot be put in place: {error.strerror or error}. "
            "Close programs that hold its files open, and see that there is room on the disk."
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return folder


def write_report(release: ProtectedRelease, context: Context, folder: Path) -> list[Path]:
    """Write only the reports of `release`, in the municipality's languages, into `folder`; returns their paths.

    For a look in a notebook. A release is put in place by `write_release`.
    """
    files = _reports(require_sealed(release), context)
    _write(folder, files)
    return [folder / name for name in sorted(files)]


def _reports(release: ProtectedRelease, context: Context, *, audited: bool = False) -> Files:
    files: Files = {}
    for language in context.municipality.languages:
        drawn = pictures.draw(View(release, context, load(language)))
        told = content(release, context, language, drawn, audited=audited)
        files[f"report.{language}.pdf"] = report.set_pdf(told, drawn)
        files[f"report.{language}.html"] = report.set_html(told, drawn)
    return files


def _files(release: ProtectedRelease, context: Context, *, audited: bool) -> Files:
    """Every public file but release.json."""
    files = _reports(release, context, audited=audited)
    for language in context.municipality.languages:
        drawn = pictures.draw(View(release, context, load(language)), alone=True)
        pixels = in_pixels_of(drawn.values())
        for picture in drawn.values():
            files[f"maps/{picture.name}.svg"] = picture.svg
            files[f"maps/{picture.name}.png"] = pixels[picture.name]
        files[f"maps/all.{language}.pdf"] = atlas(list(drawn.values()), context, language)
        files[accessibility.name_of(language)] = accessibility.statement(context, language)
        files |= documents.documents(release, context, language, drawn, pixels)
    files |= {f"tables/{name}": made for name, made in open_data.tables(release, context).items()}
    return files | page.pages(release, context, beside=files, audited=audited)


def _about(
    release: ProtectedRelease, context: Context, relations: Iterable[Mapping[str, Any]], files: Files
) -> dict[str, Any]:
    """What release.json tells: facts about the release and hashes of public files; no counts or hashes of inputs."""
    municipality = context.municipality
    return {
        "schema": SCHEMA,
        "municipality": {
            "code": municipality.code,
            "name": municipality.name,
            "publisher": municipality.publisher,
        },
        "wave": context.wave.id,
        "sequence": context.sequence,
        "synthetic": release.synthetic,
        "languages": list(municipality.languages),
        "program": {"name": "mapping", "version": context.version},
        "policy": dict(release.policy),
        "approved": context.publication.approved.get(context.wave.id),
        "audit": None,
        "files": {name: hashlib.sha256(made).hexdigest() for name, made in sorted(files.items())},
        "relations": [dict(relation) for relation in relations],
        "certificate": None,
    }


def _json(about: Mapping[str, Any]) -> bytes:
    """Settings to be read line by line; what is for programs, a line each."""
    parts = [
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, **(_DENSE if key in _LONG else _AIRY))}"
        for key, value in about.items()
    ]
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files and make sure that they are on the disk."""
    for name, made in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
    for path in {folder, *((folder / name).parent for name in files)}:
        _sync(path)


def _sync(folder: Path) -> None:
    """Make sure that the names in `folder` are on the disk (Windows keeps its own order)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(new: Path, folder: Path, old: Path) -> None:
    """`new` takes the place of `folder`, at once where the system can; if that fails, what stood there is put back."""
    if not (folder.exists() and _exchange(new, folder)):
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            _recover(folder, old)
            raise
    _sync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Two folders change places in one step, so that no reader finds neither; False where the system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE of linux/fs.h
    return rename is not None and rename(here, os.fsencode(one), here, os.fsencode(other), swap) == 0


def _recover(folder: Path, old: Path) -> None:
    """Put back what a swap in two steps that was cut short had moved aside; clear away what it had left behind."""
    if not old.exists():
        return
    if folder.exists():
        shutil.rmtree(old)
    else:
        old.rename(folder)
