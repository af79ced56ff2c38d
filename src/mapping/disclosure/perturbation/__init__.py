"""Perturbation of counts for open-data cubes: the alternative to blanks, never mixed with exact figures."""

from mapping.disclosure.perturbation.cell_key import record_keys
from mapping.disclosure.perturbation.p_table import p_table
from mapping.disclosure.perturbation.perturb import Perturbed, perturb

__all__ = ["Perturbed", "p_table", "perturb", "record_keys"]
