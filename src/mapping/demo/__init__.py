"""The synthetic municipality: a whole workspace with known truth, written through the formats of real data.

Places, people and answers are invented. Nothing here is read by any other room: the demo goes through the same readers,
the same estimates and the same protection as real data.
"""

from mapping.demo.survey_file import CANARY
from mapping.demo.truth import Truth
from mapping.demo.workspace import at_hand, build

__all__ = ["CANARY", "Truth", "at_hand", "build"]
