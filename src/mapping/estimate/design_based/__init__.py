"""Estimates that rest on the sampling design alone, with honest intervals.

Nothing here smooths, models or borrows strength between domains; nothing here protects: tables made in this
room are for the analyst's eyes.
"""

from mapping.estimate.design_based.calibration import calibrate, trim
from mapping.estimate.design_based.change import change, false_calls
from mapping.estimate.design_based.independence import IndependenceTest, chi2
from mapping.estimate.design_based.joint import contrast, covariance
from mapping.estimate.design_based.means import mean, ratio, total
from mapping.estimate.design_based.prevalence import prevalence
from mapping.estimate.design_based.quantile import quantile
from mapping.estimate.design_based.replication import Replicates, replicates
from mapping.estimate.design_based.sensitivity import bounds, nonresponse, refusals

__all__ = [
    "IndependenceTest",
    "Replicates",
    "bounds",
    "calibrate",
    "change",
    "chi2",
    "contrast",
    "covariance",
    "false_calls",
    "mean",
    "nonresponse",
    "prevalence",
    "quantile",
    "ratio",
    "refusals",
    "replicates",
    "total",
    "trim",
]
