"""From anonymised school surveys and case extracts to protected prevalence maps and board reports.

The names below are what a notebook needs; each is loaded when it is first used, so that the command answers at once.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "SurveyDesign": "mapping.concepts.survey_design",
    "EstimateTable": "mapping.concepts.estimate_table",
    "prevalence": "mapping.estimate.design_based",
    "mean": "mapping.estimate.design_based",
    "total": "mapping.estimate.design_based",
    "ratio": "mapping.estimate.design_based",
    "quantile": "mapping.estimate.design_based",
    "covariance": "mapping.estimate.design_based",
    "contrast": "mapping.estimate.design_based",
    "chi2": "mapping.estimate.design_based",
    "change": "mapping.estimate.design_based",
    "calibrate": "mapping.estimate.design_based",
    "trim": "mapping.estimate.design_based",
    "replicates": "mapping.estimate.design_based",
    "read_survey": "mapping.pipeline",
    "read_cases": "mapping.casework",
    "read_published": "mapping.casework",
    "protect_series": "mapping.casework",
    "read_districts": "mapping.geography",
    "protect": "mapping.disclosure",
    "suppress": "mapping.disclosure",
    "audit": "mapping.disclosure",
    "rebuild": "mapping.pipeline",
    "draw_map": "mapping.publish",
    "write_report": "mapping.publish",
}

__all__ = ["__version__", "cases", "small_area", *_HOME]


def __getattr__(name: str) -> Any:
    if name in ("cases", "small_area"):
        return importlib.import_module(f"mapping.estimate.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'mapping' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
