"""Places: districts as a file gives them, their neighbours, and publication areas from register counts.

This room never sees an answer: what is published where is decided by polygons and register counts alone.
"""

from mapping.geography.adjacency import adjacency
from mapping.geography.areas import publication_areas
from mapping.geography.coverage import simplify
from mapping.geography.districts import read_districts

__all__ = ["adjacency", "publication_areas", "read_districts", "simplify"]
