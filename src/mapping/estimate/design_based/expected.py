"""The design effect to expect of a domain: assumed, or pooled over the domains of a table.

A domain with few events or few schools cannot tell its own design effect: where the cluster with the events
was not drawn, the sample looks like a simple random one. What schools do to an indicator is therefore learned
from all domains of a crossing together, *within* domains, so that real differences between districts are not
counted as noise.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from mapping.estimate.design_based.codes import Floats
from mapping.estimate.design_based.linear import Linear
from mapping.estimate.design_based.plan import Plan
from mapping.estimate.design_based.tables import Design
from mapping.estimate.design_based.tally import Answers

__all__ = ["assumed_deff", "assumed_icc", "expected_deff", "pooled_deff"]

_ASSUMED = 0.05  # intraclass correlation of an even split where nothing is known
_INFORMED = 20.0  # PSUs − domains from which a pooled estimate is believed


def assumed_icc(p: Floats) -> Floats:
    """The intraclass correlation to assume of an indicator with prevalence p: 0.05 at a half, less when rare.

    Notes
    -----
    With the same correlation on the probit scale that of the indicator is proportional to φ(z)²/(p(1 − p)), z
    = Φ⁻¹(p) (Pearson 1900, to first order): at 2 per cent a fifth of that at a half.

    References
    ----------
    Shackleton, Hale, Bonell & Viner (2016), SSM – Population Health 2, 217–225: in secondary schools of 21
    countries 0.01 to 0.07 for psychosocial health, up to 0.21 for substance use.
    """
    inner = np.clip(p, 1e-6, 1 - 1e-6)
    density = np.exp(-(special.ndtri(inner) ** 2))
    icc: Floats = _ASSUMED * density / (4 * inner * (1 - inner))
    return icc


def expected_deff(design: Design, answers: Answers, icc: Floats) -> Floats:
    """The design effect that weights and an intraclass correlation ρ bring.

    Notes
    -----
    n Σw²/(Σw)² · [u₁(1 + (b − 1)ρ) + (1 − u₁)u₂(1 − ρ)], with b answers per PSU and u_s the share of units
    not sampled at stage s (u₂ = 0 without population counts at a second stage).

    References
    ----------
    Kish (1965), Survey Sampling, sections 5.4 and 11.7; Gabler, Häder & Lahiri (1999), Survey Methodology 25,
    105–106.
    """
    per_psu = np.maximum(answers.n / np.maximum(design.n_psu, 1), 1.0)
    first, second = design.unsampled, design.unsampled_later
    return answers.kish * (first * (1 + (per_psu - 1) * icc) + (1 - first) * second * (1 - icc))


def assumed_deff(design: Design, answers: Answers) -> Floats:
    """The design effect to assume where nothing but counts and weights is known."""
    return expected_deff(design, answers, assumed_icc((answers.n_positive + 1) / (answers.n + 2)))


def pooled_deff(plan: Plan, linear: Linear, design: Design) -> Floats:
    """The design effect to expect of each domain, with ρ pooled over the domains of its crossing and variable.

    Notes
    -----
    ρ̂ = Σ n²(v − k s) / Σ n² k s (b − 1) over the domains, with v the first-stage variance without its
    population correction, s the variance under simple random sampling, k the effect of unequal weights; v is
    raised by m/(m − 1) for the m PSUs of a domain, whose scores lose a degree of freedom to the estimate.
    Where the crossing has fewer than 20 PSUs more than domains, ρ is at least the assumed one.
    """
    if plan.n_domains == 0:
        return np.empty(0)
    n_variables = linear.estimate.size // plan.n_domains
    answers, m = linear.answers, design.n_psu
    first = linear.variances[0]
    usable = (m > 1) & ~answers.at_end & (design.unsampled > 0) & np.isfinite(first)
    whole = np.divide(first, design.unsampled, out=np.zeros_like(m), where=usable)
    raised = np.divide(whole * m, (m - 1) * design.multiplier, out=np.zeros_like(m), where=usable)
    v = np.where(usable, np.maximum(whole, raised), 0.0) * answers.n**2
    s = np.where(usable, linear.srs_variance * answers.kish, 0.0) * answers.n**2
    spread = s * np.maximum(answers.n / np.maximum(m, 1) - 1, 0.0)
    parts = [values.reshape(n_variables, -1) for values in (v - s, spread, np.maximum(m - 1, 0.0))]
    icc = assumed_icc((answers.n_positive + 1) / (answers.n + 2)).reshape(n_variables, -1)
    for inside in plan.slices:
        top, bottom, free = (part[:, inside].sum(axis=1)[:, None] for part in parts)
        pooled = np.clip(np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0), 0.0, 1.0)
        informed = (free >= _INFORMED) & (bottom > 0)
        icc[:, inside] = np.where(informed, pooled, np.maximum(pooled, icc[:, inside]))
    return expected_deff(design, answers, icc.ravel())
