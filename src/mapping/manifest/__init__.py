"""What was made from what: keyed content hashes of inputs and settings, plain ones of code and public outputs.

Uses the standard library only, so that a rebuild with nothing to do answers at once. Hashes of inputs are HMACs under
an owner-only key: a plain hash of a small table would confirm a guess of its content.
"""

from mapping.manifest.chain import LEDGER, LEDGER_COPY
from mapping.manifest.closed import Closed, closed_waves, mark_forgotten
from mapping.manifest.files import (
    erase_wave,
    own_copy,
    private_folder,
    private_wave,
    wave_folders,
    workspace_key,
    write_whole,
)
from mapping.manifest.hashes import code_digest, digest, fingerprint, lock_digest
from mapping.manifest.made import is_fresh, made_from, mend_ledger, outputs, record, recorded_intake
from mapping.manifest.turn import rebuild_lock

__all__ = [
    "LEDGER",
    "LEDGER_COPY",
    "Closed",
    "closed_waves",
    "code_digest",
    "digest",
    "erase_wave",
    "fingerprint",
    "is_fresh",
    "lock_digest",
    "made_from",
    "mark_forgotten",
    "mend_ledger",
    "outputs",
    "own_copy",
    "private_folder",
    "private_wave",
    "rebuild_lock",
    "record",
    "recorded_intake",
    "wave_folders",
    "workspace_key",
    "write_whole",
]
