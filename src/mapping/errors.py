"""Every error this package raises on purpose, and the exit code each one becomes.

    MappingError                    1
    ├── SettingsError               3   a sidecar (*.toml) says something impossible
    ├── InputError                  4   a data, frame, case or geography file cannot be used
    │   └── PrivacyError            5   something that identifies a person stands in a file
    ├── EstimationError             6   the design cannot carry the estimate asked for
    │   └── LonelyPSUError              a stratum has a single primary sampling unit
    ├── DisclosureError             7   a figure would leave unprotected
    │   └── SealError                   something that `protect` did not make was to be shown
    └── BuildError                  8   the outputs cannot be made or put in place

A message says what happened, where, and what to do. It never holds a respondent's value.
"""

from __future__ import annotations

__all__ = [
    "BuildError",
    "DisclosureError",
    "EstimationError",
    "InputError",
    "LonelyPSUError",
    "MappingError",
    "PrivacyError",
    "SealError",
    "SettingsError",
]


class MappingError(Exception):
    """The root: shown as plain sentences, without a traceback."""

    exit_code = 1


class SettingsError(MappingError):
    """A settings file is incomplete, contradictory or names something unknown."""

    exit_code = 3


class InputError(MappingError):
    """A data file cannot be used as it is."""

    exit_code = 4


class PrivacyError(InputError):
    """A file holds something that could identify a person."""

    exit_code = 5


class EstimationError(MappingError):
    """The design or the data cannot carry the estimate asked for."""

    exit_code = 6


class LonelyPSUError(EstimationError):
    """A stratum has a single primary sampling unit, so its variance cannot be estimated."""


class DisclosureError(MappingError):
    """A figure would leave without protection."""

    exit_code = 7


class SealError(DisclosureError):
    """An object that `protect` did not make was handed to a renderer."""


class BuildError(MappingError):
    """Outputs cannot be made or put in place; what stood there before still stands."""

    exit_code = 8
