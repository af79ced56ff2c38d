"""Intake: survey files, frames and case extracts, harmonised and made safe before anything else sees them.

Nothing enters memory for good but the columns that wave.toml names; keys become pseudonyms; nothing is written but
the draft of a wave.toml.
"""

from mapping.ingest.cases import read_case_records
from mapping.ingest.cases.sums import read_sums
from mapping.ingest.drafting import propose, write_draft, write_from_form
from mapping.ingest.implausible import implausible_moves
from mapping.ingest.keys import NO_KEY
from mapping.ingest.survey import read_survey
from mapping.ingest.written import refuse_in_places, refuse_in_settings

__all__ = [
    "NO_KEY",
    "implausible_moves",
    "propose",
    "read_case_records",
    "read_sums",
    "read_survey",
    "refuse_in_places",
    "refuse_in_settings",
    "write_draft",
    "write_from_form",
]
