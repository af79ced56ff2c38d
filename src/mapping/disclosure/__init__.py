"""The gate: decides what may be shown, hides the rest so that it cannot be worked out, and attacks its own work."""

from mapping.disclosure.audit_table import audit
from mapping.disclosure.earlier import EarlierRelease, keep_counts, read_earlier
from mapping.disclosure.ledger import append, next_entry
from mapping.disclosure.policy import Policy, read_policy
from mapping.disclosure.protect import protect
from mapping.disclosure.protected import (
    Change,
    Figure,
    ModelFigure,
    ProtectedRelease,
    Status,
    require_sealed,
)
from mapping.disclosure.suppress import suppress

__all__ = [
    "Change",
    "EarlierRelease",
    "Figure",
    "ModelFigure",
    "Policy",
    "ProtectedRelease",
    "Status",
    "append",
    "audit",
    "keep_counts",
    "next_entry",
    "protect",
    "read_earlier",
    "read_policy",
    "require_sealed",
    "suppress",
]
