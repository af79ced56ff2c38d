"""Case extracts: coded as they are read, identifiers left at the door."""

from mapping.ingest.cases.records import read_case_records
from mapping.ingest.cases.words import SEXES

__all__ = ["SEXES", "read_case_records"]
