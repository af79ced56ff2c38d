"""What is measured: questions, indicators, the rules that join them, and what they make of answers.

This room reads no survey file and writes none: `load` reads the codebook, `evaluate` applies it.
"""

from mapping.codebook.answers import check_answers
from mapping.codebook.comparability import comparability
from mapping.codebook.evaluation import evaluate, not_asked_columns
from mapping.codebook.loader import load, questions

__all__ = ["check_answers", "comparability", "evaluate", "load", "not_asked_columns", "questions"]
