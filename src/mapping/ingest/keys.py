"""Keys of schools, classes, respondents and persons become keyed pseudonyms the moment they are read."""

from __future__ import annotations

import hmac

import numpy as np
import pandas as pd

from mapping.ingest.raw import factorized, normal, plain

__all__ = ["NO_KEY", "pseudonyms"]

# where no key is given (a notebook that keeps everything in memory): stable, but it protects nothing
NO_KEY = b"no key was given"
LENGTH = 16  # hexadecimal digits: 64 bits, so that two of a million pupils collide with probability 3e-8


def pseudonyms(values: pd.Series, kind: str, key: bytes) -> pd.Series:
    """A pseudonym for each value: HMAC-SHA256 under `key` (RFC 2104), cut to 64 bits; empty stays empty.

    The same value under the same kind and key is the same pseudonym in every wave; case and spaces do not matter.
    """
    places, found = factorized(values)
    names = [_plain(value) for value in found]
    made = [
        hmac.digest(key, f"{kind}\0{name}".encode(), "sha256").hex()[:LENGTH] if name else ""
        for name in names
    ]
    return pd.Series(np.array([*made, ""], dtype=object)[places], index=values.index, dtype="str")


def _plain(value: object) -> str:
    """A key as text: 7.0 from a statistical file and "7" from a text file are the same school."""
    return plain(value) if isinstance(value, float) else normal(value)
