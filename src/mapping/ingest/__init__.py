"""Intake: survey files, frames and case extracts, harmonised and made safe before anything else sees them.

Nothing enters memory for good but the columns that wave.toml names; keys become pseudonyms; nothing is written.
"""

from mapping.ingest.cases import read_cases
from mapping.ingest.survey import read_survey

__all__ = ["read_cases", "read_survey"]
