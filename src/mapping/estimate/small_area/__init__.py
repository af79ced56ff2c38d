"""Small-area models: what ten answers from a district can say, with honest intervals and no random number."""

from mapping.estimate.small_area.benchmark import benchmark
from mapping.estimate.small_area.beta_binomial import beta_binomial
from mapping.estimate.small_area.bym2 import bym2
from mapping.estimate.small_area.choice import default_model, school_sensitivity
from mapping.estimate.small_area.diagnostics import direct_against_model, leave_one_out, morans_i
from mapping.estimate.small_area.effective import EffectiveCounts, effective_counts
from mapping.estimate.small_area.fay_herriot import FayHerriot, fay_herriot
from mapping.estimate.small_area.finite import finite_population
from mapping.estimate.small_area.posterior import AreaPosterior
from mapping.estimate.small_area.poststratify import mrp, poststratify
from mapping.estimate.small_area.public import PublicEstimate, PublicRow, public_exceedance
from mapping.estimate.small_area.space_time_fay_herriot import SpaceTimeFayHerriot, space_time_fay_herriot
from mapping.estimate.small_area.spatial_fay_herriot import SpatialFayHerriot, spatial_fay_herriot
from mapping.estimate.small_area.waves import AreaChange, WavesPosterior, over_waves

__all__ = [
    "AreaChange",
    "AreaPosterior",
    "EffectiveCounts",
    "FayHerriot",
    "PublicEstimate",
    "PublicRow",
    "SpaceTimeFayHerriot",
    "SpatialFayHerriot",
    "WavesPosterior",
    "benchmark",
    "beta_binomial",
    "bym2",
    "default_model",
    "direct_against_model",
    "effective_counts",
    "fay_herriot",
    "finite_population",
    "leave_one_out",
    "morans_i",
    "mrp",
    "over_waves",
    "poststratify",
    "public_exceedance",
    "school_sensitivity",
    "space_time_fay_herriot",
    "spatial_fay_herriot",
]
