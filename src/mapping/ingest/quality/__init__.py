"""The quality report of a wave, for the analyst alone: how the data came about, never what they say of anybody.

It lies in the owner-only folder, and yet no cell in it is under five and no school has a name.
"""

from mapping.ingest.quality.page import quality_page
from mapping.ingest.quality.subject import Names, Subject

__all__ = ["Names", "Subject", "quality_page"]
