"""Cases known to services: counted by unit and source, rates with exact limits, series with breaks."""

from mapping.estimate.cases.counts import count_cases
from mapping.estimate.cases.rates import case_rates
from mapping.estimate.cases.sources import joined_bounds
from mapping.estimate.cases.table import case_table, pooled_cases
from mapping.estimate.cases.units import tally, units_of

__all__ = [
    "case_rates",
    "case_table",
    "count_cases",
    "joined_bounds",
    "pooled_cases",
    "tally",
    "units_of",
]
