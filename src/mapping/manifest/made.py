"""The manifest: what the outputs of every wave were made from, as it was when they were put in place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mapping.errors import BuildError, DisclosureError
from mapping.manifest.chain import LEDGER, mend_copies
from mapping.manifest.files import write_whole
from mapping.manifest.hashes import each, files_in, fingerprint

__all__ = ["is_fresh", "made_from", "mend_ledger", "outputs", "record", "recorded_intake"]

SCHEMA = 1


def _manifest(workspace: Path) -> Path:
    return workspace / "data" / "processed" / "manifest.json"


def _read(workspace: Path) -> dict[str, dict[str, Any]]:
    """What is recorded, by wave. A manifest that cannot be read says nothing: everything is then made anew."""
    try:
        content = json.loads(_manifest(workspace).read_text(encoding="utf-8"))
        schema, waves = content.get("schema"), content["waves"]
    except (FileNotFoundError, ValueError, KeyError, AttributeError):
        return {}
    if isinstance(schema, int) and schema > SCHEMA:
        raise BuildError(
            f"{_manifest(workspace)} was written by a newer version of this program. Use that version, or delete the "
            "file: every report is then made anew."
        )
    sound = schema == SCHEMA and isinstance(waves, dict)
    return {wave: known for wave, known in waves.items() if isinstance(known, dict)} if sound else {}


def made_from(workspace: Path, wave: str) -> dict[str, Any]:
    """What is recorded of the outputs of `wave`; nothing where there is no record.

    Raises
    ------
    BuildError
        If a newer version of this program wrote the record.
    """
    return _read(workspace).get(wave, {})


def outputs(workspace: Path, wave: str) -> dict[str, str]:
    """A hash of every file that now stands under `reports/<wave>`."""
    reports = workspace / "reports" / wave
    return each(files_in(reports), reports)


def is_fresh(workspace: Path, wave: str, key: bytes) -> bool:
    """Whether the outputs of `wave` stand as they were made, from what now lies in the workspace."""
    known = made_from(workspace, wave)
    if not known or not (workspace / "reports" / wave).is_dir():
        return False
    now = fingerprint(workspace, wave, key) | {"outputs": outputs(workspace, wave)}
    return {name: value for name, value in known.items() if name != "ledger"} == now


def record(workspace: Path, wave: str, source: Mapping[str, Any]) -> None:
    """Note that the outputs of `wave`, as they now stand, were made from `source`."""
    ledger = _ledger(workspace)
    made = {
        **source,
        "outputs": outputs(workspace, wave),
        "ledger": {"bytes": len(ledger), "sha256": hashlib.sha256(ledger).hexdigest()},
    }
    waves = _read(workspace) | {wave: made}
    content = json.dumps({"schema": SCHEMA, "waves": waves}, indent=1, sort_keys=True)
    write_whole(_manifest(workspace), content.encode())


def _ledger(workspace: Path) -> bytes:
    return path.read_bytes() if (path := workspace / LEDGER).exists() else b""


def mend_ledger(workspace: Path) -> bool:
    """Put back rows that the ledger has lost, from the owner's copy; returns whether any were missing.

    Raises
    ------
    DisclosureError
        If the two contradict each other, or both have lost rows that stood there when a release was put in place.
    """
    mended, ledger = mend_copies(workspace), _ledger(workspace)
    for known in _read(workspace).values():
        stood = known.get("ledger") or {"bytes": 0, "sha256": hashlib.sha256().hexdigest()}
        if hashlib.sha256(ledger[: stood["bytes"]]).hexdigest() != stood["sha256"]:
            raise DisclosureError(
                "ledger.jsonl has lost rows of what this workspace has published, and so has the copy in "
                "data/processed/. Restore it from your backup, or from a published copy."
            )
    return mended


def recorded_intake(workspace: Path, wave: str) -> dict[str, Any]:
    """What was noted of the survey file when the wave was last taken in; nothing where there is no note."""
    try:
        content = json.loads(
            (workspace / "data" / "processed" / wave / "intake.json").read_text(encoding="utf-8")
        )
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) and content.get("schema") == 1 else {}
