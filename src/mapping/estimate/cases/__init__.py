"""Rates of cases known to services."""

from mapping.estimate.cases.rates import case_rates

__all__ = ["case_rates"]
