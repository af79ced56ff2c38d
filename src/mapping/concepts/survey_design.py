"""A sampling design: which columns of a frame carry strata, sampling units, weights and population counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["SurveyDesign"]

LONELY = ("error", "adjust", "average", "certainty", "remove")


@dataclass(frozen=True)
class SurveyDesign:
    """The names of the columns that describe how a sample was drawn.

    Parameters
    ----------
    strata : str or sequence of str, optional
        Stratum; several columns are crossed.
    psu : str or sequence of str, optional
        Primary sampling unit; a sequence gives one column per stage. Codes are nested in strata. Without it each
        row is a sampling unit of its own.
    weights : str, optional
        Weight of each row, on the scale of the population. Without it every row weighs 1.
    fpc : str or sequence of str, optional
        Population count of sampling units, one column per stage. Without it sampling is with replacement.
    lonely_psu : {"error", "adjust", "average", "certainty", "remove"}
        What to do with a stratum that has a single PSU and is not taken whole.
    lonely_in_domains : bool
        Whether the same rule applies to strata that become lonely within a domain.
    repweights : object, optional
        Replicate weights: columns, scale, rscales, mse.
    calibration : object, optional
        Auxiliaries of a calibrated design, set by `calibrate`.
    """

    strata: str | Sequence[str] | None = None
    psu: str | Sequence[str] | None = None
    weights: str | None = None
    fpc: str | Sequence[str] | None = None
    lonely_psu: str = "error"
    lonely_in_domains: bool = False
    repweights: Any = None
    calibration: Any = None

    def __post_init__(self) -> None:
        if self.lonely_psu not in LONELY:
            raise ValueError(f"lonely_psu must be one of {', '.join(LONELY)}, not {self.lonely_psu!r}")
