"""Reading one layer of a polygon file, whatever its container, without guessing which layer is meant."""

from __future__ import annotations

import difflib
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from mapping.errors import InputError
from mapping.geography.settings import GeographySettings

__all__ = ["ROW", "listed", "nearest_names", "read_layer"]

ROW = "_row"  # the 1-based row of the file, for messages
_MAPS = {".shp", ".gpkg", ".geojson", ".json", ".gml", ".tab", ".fgb"}
_POINTER = re.compile(rb"<(?:OGRVRT|OGRWFS|VRTDataset|WFS_|ogrwfs)", re.IGNORECASE)
_MAX_UNPACKED = 2_000_000_000  # bytes: a zip that unpacks to more holds no municipality


def nearest_names(name: str, names: Sequence[str]) -> str:
    """A sentence with the names most like `name`, or all of them."""
    folded = {other.lower(): other for other in names}
    near = [folded[key] for key in difflib.get_close_matches(name.lower(), list(folded), n=3, cutoff=0.5)]
    return f"Nearest names in the file: {', '.join(near or names) or 'none'}."


def listed(values: Sequence[str], most: int = 3) -> str:
    """The first few of `values` for a message."""
    return ", ".join(values[:most]) + (" …" if len(values) > most else "")


def _wanted(settings: GeographySettings) -> dict[str, str]:
    return {"code": settings.code, "name": settings.name, "parent": settings.parent}


def _check_columns(settings: GeographySettings, fields: Sequence[str]) -> None:
    for key, column in _wanted(settings).items():
        if column and column not in fields:
            raise InputError(
                f"{settings.file.name}: '{key}' in geography.toml is the column '{column}', which the file does not "
                f"have. {nearest_names(column, fields)}"
            )


def _read_parquet(settings: GeographySettings) -> gpd.GeoDataFrame:
    frame = gpd.read_parquet(settings.file)
    _check_columns(settings, [str(column) for column in frame.columns if column != frame.geometry.name])
    return frame


def _read_ogr(settings: GeographySettings, source: Path | str) -> gpd.GeoDataFrame:
    file = settings.file
    layers = [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]
    if not layers:
        raise InputError(
            f"{file.name}: no layer in it holds polygons. Ask for the district borders as polygons."
        )
    if settings.layer and settings.layer not in layers:
        raise InputError(
            f"{file.name}: there is no layer '{settings.layer}'. {nearest_names(settings.layer, layers)} "
            "Correct 'layer' in geography.toml."
        )
    if not settings.layer and len(layers) > 1:
        raise InputError(
            f"{file.name}: the file has {len(layers)} layers: {', '.join(layers)}. "
            'Say which holds the districts with layer = "…" in geography.toml.'
        )
    layer, encoding = settings.layer or layers[0], settings.encoding or None
    named = {settings.code, settings.name, settings.parent}
    fields = [str(field) for field in pyogrio.read_info(source, layer=layer, encoding=encoding)["fields"]]
    _check_columns(settings, fields)
    with warnings.catch_warnings():  # measured (M) geometries are read as plain ones, which is what is wanted
        warnings.filterwarnings("ignore", message="Measured", category=UserWarning)
        return pyogrio.read_dataframe(
            source, layer=layer, columns=[f for f in fields if f in named], encoding=encoding, force_2d=True
        )


def _leads_elsewhere(file: Path) -> bool:
    """Whether GDAL would follow the file to others, or to a network."""
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return _POINTER.search(opened.read(4096)) is not None


def _source(file: Path) -> Path | str:
    """What to open: the file, or the folder or file inside a zip archive that holds polygons."""
    if not file.exists():
        raise InputError(
            f"{file.name}: there is no such file in {file.parent}. Correct 'file' in geography.toml."
        )
    if not (file.is_file() or file.is_dir()) or _leads_elsewhere(file):
        raise InputError(
            f"{file.name}: this is no file of polygons, or one that only points at other files. Give these themselves."
        )
    if file.suffix.lower() != ".zip":
        return file
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise InputError(f"{file.name}: not a readable zip file. Fetch it again from its source.") from error
    if (unpacked := sum(member.file_size for member in members)) > _MAX_UNPACKED:
        raise InputError(
            f"{file.name}: unpacks to {unpacked / 1e9:.1f} GB. Unpack it and point to the layer you need."
        )
    paths = [PurePosixPath(member.filename) for member in members]
    if any(path.is_absolute() or ".." in str(path).replace("\\", "/").split("/") for path in paths):
        raise InputError(
            f"{file.name}: it holds a file that would be put outside its folder. Fetch it again from its source."
        )
    maps = [path for path in paths if path.suffix.lower() in _MAPS and "__MACOSX" not in path.parts]
    folders = {str(path.parent) for path in maps}
    if len(folders) > 1:
        raise InputError(
            f"{file.name}: it holds maps in several folders ({listed([str(path) for path in maps])}). "
            "Unpack it and point to the one you need with 'file' in geography.toml."
        )
    inside = str(maps[0]) if len(maps) == 1 else next(iter(folders), ".")
    return file if inside == "." else f"/vsizip/{file.resolve().as_posix()}/{inside}"


def read_layer(settings: GeographySettings) -> gpd.GeoDataFrame:
    """The rows of the layer that `settings` point at, with the columns they name.

    Columns: ``code``, ``name``, ``parent`` (text; `name` and `parent` may be empty), ``_row`` (the row of the
    file) and ``geometry``.
    """
    file = settings.file
    source = _source(file)
    try:
        frame = _read_parquet(settings) if file.suffix.lower() == ".parquet" else _read_ogr(settings, source)
    except (RuntimeError, ValueError, OSError, KeyError, MemoryError, shapely.errors.ShapelyError) as error:
        raise InputError(
            f"{file.name}: cannot be read as polygons ({type(error).__name__}). "
            "Give a GeoPackage, GeoJSON, shapefile (.shp or zipped) or GeoParquet."
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise InputError(
            f"{file.name}: the layer holds no district. Check that it is the right file and layer."
        )
    columns = {key: _text(frame[name]) if name else "" for key, name in _wanted(settings).items()}
    return gpd.GeoDataFrame(
        {**columns, ROW: range(1, len(frame) + 1)},
        geometry=frame.geometry.force_2d().to_numpy(),
        crs=frame.crs,
    )


def _text(column: pd.Series) -> pd.Series:
    """The column as stripped text; whole numbers without decimals; missing as empty."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    text = column.astype("string").fillna("").str.strip()
    return text.map(lambda value: unicodedata.normalize("NFC", value)).reset_index(drop=True)
