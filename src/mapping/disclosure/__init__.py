"""The gate: decides what may be shown, hides the rest so that it cannot be worked out, and attacks its own work."""

from mapping.disclosure.auditing.audit_release import Leak, Verdict, audit_release
from mapping.disclosure.certify.certificate import certificate
from mapping.disclosure.counts import Counts, truth_of
from mapping.disclosure.gate.protect import protect
from mapping.disclosure.gate.why import shown_by_level, why_withheld
from mapping.disclosure.ledger.earlier import (
    EarlierRelease,
    enter,
    forget_counts,
    keep_counts,
    pooled_with,
    printed_waves,
    read_earlier,
)
from mapping.disclosure.ledger.entries import Entry, append, next_entry, read_ledger
from mapping.disclosure.ledger.told import note
from mapping.disclosure.perturbation import Perturbed, p_table, perturb, record_keys
from mapping.disclosure.policy import Policy, read_policy
from mapping.disclosure.protected import (
    Change,
    Figure,
    ModelFigure,
    ProtectedRelease,
    Status,
    require_sealed,
)
from mapping.disclosure.public import public_relations
from mapping.disclosure.tables.audit_table import TableVerdict, audit
from mapping.disclosure.tables.suppress import Requirement, SuppressionPattern, suppress
from mapping.disclosure.tables.table_files import audit_lines, suppress_file

__all__ = [
    "Change",
    "Counts",
    "EarlierRelease",
    "Entry",
    "Figure",
    "Leak",
    "ModelFigure",
    "Perturbed",
    "Policy",
    "ProtectedRelease",
    "Requirement",
    "Status",
    "SuppressionPattern",
    "TableVerdict",
    "Verdict",
    "append",
    "audit",
    "audit_lines",
    "audit_release",
    "certificate",
    "enter",
    "forget_counts",
    "keep_counts",
    "next_entry",
    "note",
    "p_table",
    "perturb",
    "pooled_with",
    "printed_waves",
    "protect",
    "public_relations",
    "read_earlier",
    "read_ledger",
    "read_policy",
    "record_keys",
    "require_sealed",
    "shown_by_level",
    "suppress",
    "suppress_file",
    "truth_of",
    "why_withheld",
]
