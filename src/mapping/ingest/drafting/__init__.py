"""From a strange file to a wave.toml: what its variables may be, with every doubt, decided by the analyst."""

from mapping.ingest.drafting.files import propose, write_draft, write_from_form

__all__ = ["propose", "write_draft", "write_from_form"]
