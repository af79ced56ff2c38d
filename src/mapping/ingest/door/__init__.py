"""The door: nothing that identifies a person comes in, in whatever column, label or title it stands."""

from mapping.ingest.door.door import Door, guard
from mapping.ingest.door.freetext import refuse_free_text
from mapping.ingest.door.numbers import is_personal_number

__all__ = ["Door", "guard", "is_personal_number", "refuse_free_text"]
