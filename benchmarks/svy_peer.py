"""Seconds svy needs for the task; run by an interpreter of its own that has svy and polars."""

from __future__ import annotations

import sys
import time

import polars as pl
import svy


def main() -> None:
    """Time `prop` for all indicators over the crossed domains."""
    frame = pl.read_csv(sys.argv[1])
    names = [name for name in frame.columns if name.startswith("y") and name[1:].isdigit()]
    sample = svy.Sample(frame, svy.Design(stratum="stratum", psu="psu", wgt="weight"))
    start = time.perf_counter()
    sample.estimation.prop(names, by=["district", "sex"])
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main()
