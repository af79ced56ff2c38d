"""What is measured: questions, indicators, the rules that join them, and what they make of answers.

This room reads no survey file and writes none: `load` reads the codebook, `evaluate` applies it.
"""

from mapping.codebook.answers import check_answers
from mapping.codebook.comparability import comparability
from mapping.codebook.derived import categories
from mapping.codebook.evaluation import evaluate, not_asked_columns
from mapping.codebook.export import export
from mapping.codebook.loader import case_fields, load, questions
from mapping.codebook.page import page
from mapping.codebook.sums import opposites, sums

__all__ = [
    "case_fields",
    "categories",
    "check_answers",
    "comparability",
    "evaluate",
    "export",
    "load",
    "not_asked_columns",
    "opposites",
    "page",
    "questions",
    "sums",
]
