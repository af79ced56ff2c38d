"""A whole demo workspace in a folder, through the file formats of real data."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from mapping.demo import sidecars
from mapping.demo.cases import case_counts, case_rows, earlier_years, inhabitants, school_rows
from mapping.demo.model import Model, fit, school_exposures
from mapping.demo.place import Place, read_place
from mapping.demo.pupils import Answers, answers, enrolled, item_states, register
from mapping.demo.questions import WAVES, read_questions
from mapping.demo.survey_file import CANARY, frame_table, write_survey
from mapping.demo.terrain import draw
from mapping.demo.truth import Truth, judge, true_risk, true_share

__all__ = ["at_hand", "build", "build_place"]

_MAP_SEED = 1  # the map is drawn once: `seed` moves pupils and answers, not the coast
_LAST_CHANGE = "2024-01-01T00:00:00.000Z"


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def _write_csv(path: Path, table: pd.DataFrame, encoding: str = "utf-8") -> None:
    path.write_bytes(table.to_csv(index=False, sep=";", lineterminator="\r\n").encode(encoding))


def _write_polygons(path: Path, frame: gpd.GeoDataFrame, layer: str) -> None:
    """A GeoPackage whose time stamps do not move."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _LAST_CHANGE})
    try:
        pyogrio.write_dataframe(
            frame, path, layer=layer, driver="GPKG", geometry_type="MultiPolygon", promote_to_multi=True
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_geography(folder: Path, place: Place, counts: pd.DataFrame) -> None:
    layer = sidecars.layer_of(place)
    _write_text(folder / "geography.toml", sidecars.geography_toml(place))
    polygons = draw(place, np.random.default_rng(_MAP_SEED)).assign(anm=CANARY)
    _write_polygons(folder / f"{layer}.gpkg", polygons, layer)
    table = pd.DataFrame(
        {
            "sdkod": counts["home"],
            "kon": np.where(counts["girl"], "Flicka", "Pojke"),
            "ak": counts["grade"],
            "antal": counts["n"],
        }
    )
    _write_csv(folder / f"elever_{WAVES[1]}.csv", table)


def _write_wave(
    folder: Path,
    place: Place,
    model: Model,
    wave: str,
    pupils: pd.DataFrame,
    given: Answers,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Write the files of a wave; the true case counts come back."""
    _write_text(folder / "wave.toml", sidecars.wave_toml(place, model.questions, wave))
    here = pupils["answered"].to_numpy()
    own = {name: values[here] for name, values in given.items()}
    write_survey(folder / f"ung{wave}.sav", place, model.questions, wave, pupils[here], own, rng)
    _write_csv(folder / f"frame_{wave}.csv", frame_table(pupils))
    year = int(wave) - 1
    cases = case_rows(place, year, rng)
    _write_csv(folder / f"arenden_{year}.csv", cases, encoding="cp1252")
    _write_csv(folder / f"elevhalsa_{year}.csv", school_rows(cases, year))
    _write_csv(folder / f"folkmangd_{year}.csv", inhabitants(place, year))
    _write_csv(folder / f"arenden_till_{year - 1}.csv", earlier_years(place, year))
    return case_counts(place, wave, cases)


def build(folder: Path, *, size: str, seed: int = 2026) -> Truth:
    """Write the synthetic municipality as a workspace in `folder`, and return what is true in it.

    Parameters
    ----------
    folder : Path
        The workspace to be; files in it with the same names are replaced.
    size : {"city", "town"}
        A coastal city with 24 districts, or an inland town of 60,000 with 12.
    seed : int
        Moves pupils, answers and cases. The same seed gives the same bytes.
    """
    if size not in {"city", "town"}:
        raise ValueError(f"size must be 'city' or 'town', not {size!r}")
    return build_place(folder, read_place(size), seed=seed)


def build_place(folder: Path, place: Place, *, seed: int) -> Truth:
    """Write the workspace of any made-up place, as `build` does."""
    rng = np.random.default_rng(seed)
    model = fit(place, read_questions(), rng)
    schools, counts = school_exposures(place, rng), register(place, rng)
    raw = folder / "data" / "raw"
    _write_text(folder / "municipality.toml", sidecars.municipality_toml(place))
    _write_text(folder / "publication.toml", sidecars.publication_toml(place))
    _write_text(raw / WAVES[1] / "plan.toml", sidecars.plan_toml(place))
    (raw / "geography" / place.geography).mkdir(parents=True, exist_ok=True)
    _write_geography(raw / "geography" / place.geography, place, counts)
    risk, shares, cases, answered, all_ = [], [], [], {}, {}
    for wave in WAVES:
        pupils = enrolled(place, counts, wave, rng)
        given = answers(model, wave, pupils, schools, rng)
        cases.append(_write_wave(raw / wave, place, model, wave, pupils, given, rng))
        cells = pupils.groupby(["home", "girl"]).size().rename("n").reset_index()
        risk.append(true_risk(model, wave, cells, place.code))
        judged = judge(*item_states(model.questions, given))
        shares.append(true_share(judged, wave, pupils["home"], pupils["girl"], place.code))
        answered[wave], all_[wave] = int(pupils["answered"].sum()), len(pupils)
    tables = [pd.concat(parts, ignore_index=True) for parts in (risk, shares, cases)]
    return Truth(tables[0], tables[1], tables[2], answered, all_)


def at_hand(size: str = "city") -> Path:
    """The folder of a synthetic municipality to try things on, written where it is not there yet.

    It is ``build/demo`` (``build/demo-town``) of the repository around the working folder, else of that folder itself:
    the one that `make rebuild` writes.
    """
    here = Path.cwd()
    root = next((place for place in (here, *here.parents) if (place / "pyproject.toml").exists()), here)
    folder = root / "build" / ("demo" if size == "city" else f"demo-{size}")
    if not (folder / "municipality.toml").exists():
        build(folder, size=size)
    return folder
