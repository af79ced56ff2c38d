"""A survey wave: read, looked through at the door, harmonised to the codebook's answers, keyed, weighted, shuffled."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from mapping.concepts.responses import ELSEWHERE, Responses
from mapping.concepts.wave import Wave, read_wave
from mapping.errors import InputError, SettingsError
from mapping.ingest.areas import areas_of
from mapping.ingest.checks import look_over, refuse_impossible
from mapping.ingest.coherence import refuse_constant_key
from mapping.ingest.door import refuse_free_text
from mapping.ingest.frame import HERE, read_frame
from mapping.ingest.items import groups_of, items_of
from mapping.ingest.keys import NO_KEY, pseudonyms
from mapping.ingest.population import refuse_other_population, residents_only
from mapping.ingest.raw import RawTable, normal, plain, rows_in_words
from mapping.ingest.readers import read_table
from mapping.ingest.relabelled import refuse_relabelled
from mapping.ingest.weights import given_weights

__all__ = ["as_wave", "inside", "read_survey"]

SHOWN_FROM = 5


def as_wave(wave: Wave | Path) -> Wave:
    """The wave itself, or the one that a path to wave.toml describes."""
    return wave if isinstance(wave, Wave) else read_wave(Path(wave))


def inside(wave: Wave, name: str) -> Path:
    """The path of a file of the wave's folder; one that leads out of it, by whatever way, is refused."""
    path, parts = wave.folder / name, re.split(r"[\\/]", name)
    outside = (
        Path(name).is_absolute()
        or ".." in parts
        or re.search(r"[\x00-\x1f:]", name) is not None
        or not path.resolve().is_relative_to(wave.folder.resolve())
    )
    if outside:
        raise SettingsError(
            f"wave.toml of {wave.id}: {json.dumps(name)} must lie in the wave's own folder. Copy it there."
        )
    if any(re.fullmatch(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", part) for part in parts):
        raise SettingsError(
            f"wave.toml of {wave.id}: Windows keeps the name '{name}' for itself. Rename the file."
        )
    return path


def _wanted(wave: Wave) -> list[str]:
    """The columns that wave.toml names."""
    design = wave.columns
    names = [wave.file.respondent, design.school, design.class_, *design.strata, design.psu, design.weights]
    names += [
        *wave.checks.columns,
        wave.area.column if wave.area.kind != "none" else "",
        *(group.column for group in wave.groups.values()),
    ]
    for item in wave.items.values():
        names += item.columns
    return list(dict.fromkeys(name for name in names if name))


def _answered(wave: Wave) -> list[str]:
    """The columns whose values are answers or places, and no keys."""
    asked = [name for item in wave.items.values() if not item.separator for name in item.columns]
    groups = [group.column for group in wave.groups.values()]
    return [*asked, *groups, wave.area.column]


def _check_hash(path: Path, stated: str, wave: Wave) -> None:
    if re.fullmatch(r"[0-9a-fA-F]{64}", stated) and path.is_file():
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != stated.casefold():
            raise InputError(
                f"{path.name}: the file is not the one that wave.toml of {wave.id} describes (its checksum differs). "
                "Put the right file in place, or remove 'sha256' from wave.toml after checking the new one."
            )


def _respondents(table: RawTable, wave: Wave, settings: str, key: bytes) -> pd.Series:
    """A pseudonym per respondent: from her running number, or from her place in the file."""
    name = wave.file.respondent
    if not name:
        return pseudonyms(pd.Series(np.arange(len(table.frame)).astype(str)), f"respondent {wave.id}", key)
    numbers = table.column(name, settings=settings, purpose="the respondent's running number")
    refuse_constant_key(table, name, numbers)
    found = pseudonyms(numbers, f"respondent {wave.id}", key)
    if (empty := (found == "").to_numpy()).any():
        raise InputError(
            f"{table.name}: column '{name}' is empty in data {rows_in_words(empty)}. Every row needs a number."
        )
    if (twice := found.duplicated(keep=False).to_numpy()).any():
        raise InputError(
            f"{table.name}: column '{name}' repeats a running number, in data {rows_in_words(twice)}. "
            "Find out which rows are right; none is dropped silently."
        )
    return found


def _text(column: pd.Series) -> pd.Series:
    """A design column as text: 20.0 of a statistical file is "20"."""
    if pd.api.types.is_numeric_dtype(column):
        return column.map(plain, na_action="ignore").astype("str").fillna("")
    return column.astype("str").fillna("").map(normal)


def _design(table: RawTable, wave: Wave, settings: str, key: bytes) -> dict[str, pd.Series]:
    """Pseudonyms of school (or of the design's own sampling unit) and class, and the crossed strata."""
    design, found = wave.columns, {}
    unit = design.psu or design.school
    if unit:
        column = table.column(unit, settings=settings, purpose="the design's psu or school")
        found["psu"] = pseudonyms(column, "psu" if design.psu else "school", key)
        _complete(found["psu"], table.name, unit)
    if design.class_:
        column = table.column(design.class_, settings=settings, purpose="the class")
        found["class"] = pseudonyms(column, "class", key)
    if design.strata:
        parts = [_text(table.column(name, settings=settings, purpose="a stratum")) for name in design.strata]
        for part, name in zip(parts, design.strata, strict=True):
            _complete(part, table.name, name)
        found["stratum"] = pd.Series(
            ["*".join(row) for row in zip(*parts, strict=True)], index=table.frame.index, dtype="str"
        )
    return found


def _complete(column: pd.Series, file: str, name: str) -> None:
    if (empty := (column == "").to_numpy()).any():
        raise InputError(
            f"{file}: column '{name}' is empty in data {rows_in_words(empty)}, but the design needs it in every row."
        )


def _with_frame(frame: pd.DataFrame, register: pd.DataFrame, table: RawTable, wave: Wave) -> pd.DataFrame:
    """The respondents with the counts of the register that weights and finite-population corrections need."""
    name = wave.columns.frame
    for column, needs in (("psu", "[design] school"), ("grade", "[groups.grade]"), ("sex", "[groups.sex]")):
        if column not in frame:
            raise SettingsError(f"wave.toml of {wave.id}: a frame ({name}) needs {needs} as well. Add it.")
    if wave.columns.psu:
        raise SettingsError(f"wave.toml of {wave.id}: give either a frame or 'psu' under [design], not both.")
    stranger = ~frame["psu"].isin(register["psu"]).to_numpy()
    if stranger.any():
        raise InputError(
            f"{table.name}: column '{wave.columns.school}' holds schools that {name} lacks, in {stranger.sum()} "
            f"rows. Add them to {name}, with their registered pupils, or correct the spelling."
        )
    refuse_other_population(frame, register, table, wave)
    pupils = register.groupby("psu")["registered"].sum()
    made = frame.assign(n_schools=register["psu"].nunique(), n_registered=frame["psu"].map(pupils))
    short = made.groupby("psu")["psu"].transform("size") > made["n_registered"]
    if short.any():
        raise InputError(
            f"{table.name}: a school has more respondents than {name} has registered pupils ({short.sum()} rows of "
            f"{made.loc[short, 'psu'].nunique()} schools). Ask for the right register count."
        )
    return made


def _response(frame: pd.DataFrame, register: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Registered, present and answered pupils by school, grade and sex; answered as counted in the survey file."""
    keys = [name for name in ("psu", "grade", "sex", "area") if name in register]
    told = frame.assign(area=_places(frame["area"], register)) if "area" in register else frame
    counted = told.groupby(keys).size().rename("answered").reset_index()
    both = register.drop(columns="answered").merge(counted, on=keys, how="outer", validate="one_to_one")
    for column in ("registered", "present", "answered"):
        both[column] = both[column].fillna(0).astype(int)
    notes = []
    if register["answered"].sum() and register["answered"].sum() != len(frame):
        notes.append(
            "The frame states another number of answers than the survey file holds; the file counts."
        )
    return both.sort_values(keys, ignore_index=True), notes


def _places(area: pd.Series, register: pd.DataFrame) -> pd.Series:
    """Where respondents live, as finely as the frame tells."""
    return area.where(area == ELSEWHERE, HERE) if set(register["area"]) <= {HERE, ELSEWHERE} else area


def _weights(table: RawTable, wave: Wave, settings: str) -> tuple[pd.Series | None, list[str]]:
    """The weights of the file, or 1 for everybody; None where they are made from the frame."""
    name = wave.columns.weights
    if name:
        column = table.column(name, settings=settings, purpose="the weight")
        return given_weights(column, table.name, name), []
    if wave.has_frame:
        return None, []
    note = "There is neither a frame nor a weight: every respondent counts as one."
    return pd.Series(1.0, index=table.frame.index), [note]


def read_survey(
    path: Path | None,
    wave: Wave | Path,
    *,
    key: bytes = NO_KEY,
    districts: Collection[str] | None = None,
    municipality: str = "",
) -> Responses:
    """The answers of a wave: one row per respondent, named variables only.

    Where the wave has a frame, its weights are still to be made (`estimate.weighting.weigh`).

    Parameters
    ----------
    path : Path or None
        The survey file; None takes the one that wave.toml names.
    wave : Wave or Path
        The wave, or the path of its wave.toml.
    key : bytes
        The workspace's key for pseudonyms. Without it they are stable but protect nothing.
    districts : collection of str, optional
        The codes of the geography. Without them district codes are taken as they stand.
    municipality : str, optional
        The municipality's code, which tells residents from others in a frame with a column ``home``.

    Raises
    ------
    InputError
        If the file is not what wave.toml says: with file, column, number of rows and remedy.
    PrivacyError
        If any column holds something that identifies a person.
    SettingsError
        If wave.toml contradicts itself.
    """
    wave = as_wave(wave)
    settings = f"wave.toml of {wave.id}"
    file = inside(wave, wave.file.path) if path is None else Path(path)
    _check_hash(file, wave.file.sha256, wave)
    table = read_table(file, _wanted(wave), encoding=wave.file.encoding, sheet=wave.file.sheet)
    moved = refuse_relabelled(table, wave)
    refuse_free_text(table, _answered(wave), settings)
    told = refuse_impossible(table, wave, settings)
    items, notes = items_of(table, wave, settings)
    columns = {"respondent": _respondents(table, wave, settings, key), **_design(table, wave, settings, key)}
    area = pd.Series(ELSEWHERE, index=table.frame.index, dtype="str")
    if wave.area.kind != "none":
        area, more = areas_of(table, wave, wave.area.column, districts, settings)
        notes += more
    frame = pd.DataFrame({**columns, "area": area, **groups_of(table, wave, settings), **items})
    weights, more = _weights(table, wave, settings)
    if weights is not None:
        frame["weight"] = weights
    frame, looked = look_over(frame, items, wave)
    frame, left = residents_only(frame, table, wave)
    notes += [*more, *moved, *told, *looked, *left]
    response = pd.DataFrame()
    if wave.has_frame:
        register = read_frame(inside(wave, wave.columns.frame), wave, key, districts, municipality)
        frame = _with_frame(frame, register, table, wave)
        response, told = _response(frame, register)
        notes += told
    # pseudonyms are as good as random: in their order nothing is left of the file's
    frame = frame.sort_values("respondent", ignore_index=True)
    facts: dict[str, str | int] = {"type": table.kind, "rows": table.n_rows, "columns": table.n_columns}
    return Responses(wave, frame, response, (*table.notes, *notes), facts)
