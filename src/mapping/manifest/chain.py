"""The ledger and the owner's copy of it: what one has lost, the other gives back.

What the rows say is not read here (`disclosure.ledger` does that).
"""

from __future__ import annotations

from pathlib import Path

from mapping.errors import DisclosureError
from mapping.manifest.files import write_whole

__all__ = ["LEDGER", "LEDGER_COPY", "mend_copies"]

LEDGER = Path("reports") / "ledger" / "ledger.jsonl"
LEDGER_COPY = Path("data") / "processed" / "ledger.jsonl"


def mend_copies(workspace: Path) -> bool:
    """Put back rows that the ledger has lost, from the owner's copy; returns whether any were missing.

    Raises
    ------
    DisclosureError
        If the two contradict each other.
    """
    ledger, copy = (_content(workspace / path) for path in (LEDGER, LEDGER_COPY))
    if not (ledger.startswith(copy) or copy.startswith(ledger)):
        raise DisclosureError(
            "ledger.jsonl is not the ledger of what this workspace has published. Restore it from your backup, or "
            "from the copy in data/processed/."
        )
    if short := len(ledger) < len(copy):
        write_whole(workspace / LEDGER, copy, 0o644)
    return short


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
