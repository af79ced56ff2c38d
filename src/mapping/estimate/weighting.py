"""Weights that let the respondents of a wave stand for its register of pupils: the one place where they are made.

Intake hands on the respondents and the register; here they are calibrated, by the engine of `design_based`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from mapping.concepts.responses import Responses
from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import calibrate, trim
from mapping.estimate.margins import Margins, crossed_cells, single_margins

__all__ = ["START", "weigh"]

START = "weight_start"  # before calibration: registered over answered pupils of the school and grade
_ROUNDS = 50  # of trimming and calibrating in turn
_CLOSE = 1e-6  # how far over the limit, of itself, a trimmed weight may stay
_WIDE = 2.0  # a design effect of weighting (Kish) from which a note is due
_FEW = 5  # below it no number stands in a note


def weigh(responses: Responses) -> Responses:
    """The responses with their weights (``weight``, and ``weight_start`` before calibration) and notes on them.

    Without a frame, and where the file's own weights are not to be calibrated, they come back as they are.

    Raises
    ------
    EstimationError
        If the register's totals cannot be met within the bounds, or trimming and totals contradict each other.

    Notes
    -----
    The starting weight is the given one or, without one, registered over answered pupils of the school and grade: who
    answered stands for who did not, in her own school and grade first. It is then calibrated: by default
    post-stratified to grade × sex (Holt & Smith 1979); *raking*, *linear* and *logit* (Deville & Särndal 1992) take
    grade, sex and, where the frame knows them, home or district as margins of their own. A school that did not take
    part is carried by the others in its cells. A respondent whose cell the register does not know (another sex, grade
    unknown) weighs as the average respondent of the grade, or of all, and the cells of the grade give up the same
    total, so that the whole still equals the register.
    """
    columns, frame = responses.wave.columns, responses.frame
    if not columns.frame or ("weight" in frame and not columns.calibrate):
        return responses
    start = frame["weight"] if "weight" in frame else _start(frame, responses.response)
    made = (single_margins if columns.calibrate in ("raking", "linear", "logit") else crossed_cells)(
        frame, responses.response, start
    )
    weights, notes = _calibrated(responses, start, made)
    notes = [*_silent_schools(responses.response), *made.notes, *notes, *_spread(weights)]
    weighted = frame.assign(**{START: start, "weight": weights})
    return replace(responses, frame=weighted, notes=(*responses.notes, *notes))


def _start(respondents: pd.DataFrame, register: pd.DataFrame) -> pd.Series:
    """Registered over answered pupils of the respondent's school and grade; her school's where the grade is unknown."""
    registered = register.groupby(["psu", "grade"])["registered"].sum()
    answered = respondents.groupby(["psu", "grade"])["psu"].size()
    share = (registered / answered).rename("start")
    own = respondents[["psu", "grade"]].join(share, on=["psu", "grade"])["start"]
    whole = register.groupby("psu")["registered"].sum() / respondents.groupby("psu")["psu"].size()
    start = own.where(own > 0, respondents["psu"].map(whole))
    return start.where(start > 0, 1.0).astype(float)


def _calibrated(responses: Responses, start: pd.Series, margins: Margins) -> tuple[pd.Series, list[str]]:
    """The weights, and notes on trimming; strays keep the average that `margins` gives them."""
    inside = margins.stray.isna().to_numpy()
    rows = margins.levels[inside].assign(**{START: start[inside]})

    def fit(weights: pd.Series) -> pd.Series:
        return _fitted(rows.assign(**{START: weights}), margins.totals, responses)

    fitted = fit(rows[START])
    weights = margins.stray.where(~inside, fitted.reindex(start.index)).astype(float)
    limit = responses.wave.columns.trim * float(weights.median())
    if not limit or weights.max() <= limit:
        return weights, []
    trimmed = weights.where(~inside, _trimmed(fitted, limit, fit, responses).reindex(start.index))
    cut = int((weights > limit).sum())
    moved = 100 * float((weights - trimmed).abs().sum()) / (2 * float(weights.sum()))
    count = str(cut) if cut >= _FEW else f"fewer than {_FEW}"
    return trimmed, [
        f"Trimming: {count} of {len(weights)} weights stood above {responses.wave.columns.trim:g} times the median and "
        f"were cut; {moved:.1f} per cent of all weight was moved to others, and the register's totals still hold."
    ]


def _fitted(rows: pd.DataFrame, totals: Mapping[str, Mapping[str, float]], responses: Responses) -> pd.Series:
    """Calibrated weights of the rows; what the engine refuses is told in the words of wave.toml."""
    columns = responses.wave.columns
    method, bounds = columns.calibrate or "poststratify", columns.bounds or None
    try:
        weighted, design = calibrate(rows, SurveyDesign(weights=START), totals, method=method, bounds=bounds)
    except EstimationError as error:
        raise _refused(responses, f"calibration by {method} does not succeed: {error}") from error
    weights: pd.Series = weighted[design.weights]
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise _refused(responses, f"calibration by {method} leaves respondents without a positive weight.")
    return weights


def _trimmed(
    weights: pd.Series, limit: float, fit: Callable[[pd.Series], pd.Series], responses: Responses
) -> pd.Series:
    """Weights below the limit that meet the totals: trimmed and calibrated in turn until both hold."""
    for _ in range(_ROUNDS):
        try:
            cut, design = trim(pd.DataFrame({START: weights}), SurveyDesign(weights=START), upper=limit)
        except EstimationError:
            break
        weights = fit(cut[design.weights])
        if weights.max() <= limit * (1 + _CLOSE):
            return weights
    factor = responses.wave.columns.trim
    raise _refused(
        responses, f"no weights below {factor:g} times the median (trim) meet the register's totals."
    )


def _refused(responses: Responses, what: str) -> EstimationError:
    return EstimationError(
        f"wave.toml of {responses.wave.id} [design]: {what} Widen 'bounds', raise 'trim', choose another 'calibrate' "
        f'("raking" keeps weights positive), or check the counts of {responses.wave.columns.frame}.'
    )


def _silent_schools(register: pd.DataFrame) -> list[str]:
    """A note on whole schools without an answer."""
    schools = register.groupby("psu")[["registered", "answered"]].sum()
    schools = schools[schools["registered"] > 0]
    silent = schools["answered"] == 0
    if not silent.any():
        return []
    count = str(int(silent.sum())) if silent.sum() >= _FEW else "A few"
    return [
        f"{count} of {len(schools)} schools have no answers at all: the other schools stand for them, within grade and "
        "sex."
    ]


def _spread(weights: pd.Series) -> list[str]:
    """A note where weights differ so much that they cost much precision."""
    effect = float(len(weights) * (weights**2).sum() / weights.sum() ** 2)
    if effect < _WIDE:
        return []
    return [
        f"Weights differ widely: by Kish they cost as much precision as dividing the number of answers by "
        f"{effect:.1f}. Consider `trim` under [design]."
    ]
