"""The gate: decides what may be shown, hides the rest so that it cannot be worked out, and attacks its own work."""

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

__all__ = [
    "Change",
    "Figure",
    "ModelFigure",
    "Policy",
    "ProtectedRelease",
    "Status",
    "protect",
    "read_policy",
    "require_sealed",
]
