"""How a wave was sampled and is weighted: the section [design] of its wave.toml."""

from __future__ import annotations

from dataclasses import dataclass

from mapping.concepts.settings import Section

__all__ = ["DesignColumns", "read_design"]


@dataclass(frozen=True, slots=True)
class DesignColumns:
    """The columns that carry the sampling design, named as in the survey file, and how weights are made.

    `calibrate` is the method ("" where nothing is stated), `bounds` those of the factors by which it may change a
    weight, `trim` the multiple of the median weight above which weights are cut (0: none).
    """

    school: str = ""
    class_: str = ""
    strata: tuple[str, ...] = ()
    psu: str = ""
    weights: str = ""
    frame: str = ""
    lonely_psu: str = "adjust"
    calibrate: str = ""
    bounds: tuple[float, float] | tuple[()] = ()
    trim: float = 0.0


def read_design(section: Section | None) -> DesignColumns:
    """The section [design] of a wave.toml; without one nothing is known of the design."""
    if section is None:
        return DesignColumns()
    design = DesignColumns(
        school=section.get("school", str, ""),
        class_=section.get("class", str, ""),
        strata=section.texts("strata", ()),
        psu=section.get("psu", str, ""),
        weights=section.get("weights", str, ""),
        frame=section.get("frame", str, ""),
        lonely_psu=section.get(
            "lonely_psu", str, "adjust", choices=("error", "adjust", "average", "certainty", "remove")
        ),
        calibrate=section.get(
            "calibrate", str, "", choices=("", "poststratify", "raking", "linear", "logit")
        ),
        bounds=_bounds(section),
        trim=section.get("trim", float, 0.0),
    )
    _check_weighting(section, design)
    section.done()
    return design


def _bounds(section: Section) -> tuple[float, float] | tuple[()]:
    """The least and the greatest factor by which calibration may change a weight."""
    if "bounds" not in section:
        return ()
    given = [float(value) for value in section.labels("bounds") if not isinstance(value, str)]
    if len(given) != 2 or not 0 < given[0] < 1 < given[1] < float("inf"):
        raise section.error(
            "'bounds' must be two numbers that enclose 1, the lower above 0, such as [0.3, 3.0]."
        )
    return given[0], given[1]


def _check_weighting(section: Section, design: DesignColumns) -> None:
    if (design.calibrate or design.bounds or design.trim) and not design.frame:
        raise section.error(
            "weights can be calibrated or trimmed only with a frame. Add 'frame', or leave it out."
        )
    if design.calibrate == "logit" and not design.bounds:
        raise section.error("'calibrate' by logit needs 'bounds', such as [0.3, 3.0].")
    if design.bounds and design.calibrate not in ("raking", "linear", "logit"):
        raise section.error('\'bounds\' need \'calibrate\' to be "raking", "linear" or "logit".')
    if design.trim and not 1 < design.trim < float("inf"):
        raise section.error("'trim' is a multiple of the median weight and must be above 1, such as 5.0.")
