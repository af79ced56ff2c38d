"""Cases known to services: counted by unit and source, rates with exact limits, series with breaks."""

from mapping.estimate.cases.counts import count_cases
from mapping.estimate.cases.published import (
    Published,
    breakdown,
    count_range,
    coverage,
    published,
    recorded_from,
)
from mapping.estimate.cases.rates import case_rates
from mapping.estimate.cases.series import CaseSeries, case_series, events_over_time
from mapping.estimate.cases.sources import joined_bounds
from mapping.estimate.cases.table import case_table, pooled_cases
from mapping.estimate.cases.units import tally, units_of

__all__ = [
    "CaseSeries",
    "Published",
    "breakdown",
    "case_rates",
    "case_series",
    "case_table",
    "count_cases",
    "count_range",
    "coverage",
    "events_over_time",
    "joined_bounds",
    "pooled_cases",
    "published",
    "recorded_from",
    "tally",
    "units_of",
]
