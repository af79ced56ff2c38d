"""Open data: every printed figure in files anyone can read, with a status where there is no number.

figures.csv            comma, decimal point; described for machines in figures.csv-metadata.json (CSVW)
figures.sv.csv         the same for Swedish Excel: semicolon, decimal comma, names in words
figures.sv.xlsx        figures, changes, places and what the columns mean, as a workbook; one for each language
shares.sv.px           the survey's shares as a PX file, as statistics offices use them; cases.sv.px the cases
changes.csv            changes between waves
model.csv              how places compare with the municipality's level (public model)
areas.csv              which place lies in which
catalogue.jsonld       the record for a data portal (DCAT-AP-SE)
"""

from __future__ import annotations

from mapping.disclosure.protected import ProtectedRelease, require_sealed
from mapping.publish.context import Context
from mapping.publish.open_data.catalogue import catalogue
from mapping.publish.open_data.csvw import metadata
from mapping.publish.open_data.px import px_files
from mapping.publish.open_data.rows import (
    AREA_COLUMNS,
    CHANGE_COLUMNS,
    FIGURE_COLUMNS,
    MODEL_COLUMNS,
    area_rows,
    change_rows,
    figure_row,
    model_rows,
    neutral,
    worded_columns,
    worded_row,
)
from mapping.publish.open_data.separated import for_excel, plain
from mapping.publish.open_data.workbook import workbook
from mapping.texts import load

__all__ = ["FIGURE_COLUMNS", "neutral", "tables"]


def tables(release: ProtectedRelease, context: Context) -> dict[str, bytes]:
    """The files of open data by name.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    """
    release = require_sealed(release)
    swedish = load("sv")
    made = {
        "figures.csv": plain(FIGURE_COLUMNS, map(figure_row, release)),
        "figures.csv-metadata.json": metadata(context),
        "figures.sv.csv": for_excel(
            worded_columns(swedish), (worded_row(f, context, swedish) for f in release)
        ),
        "changes.csv": plain(CHANGE_COLUMNS, change_rows(release)),
        "model.csv": plain(MODEL_COLUMNS, model_rows(release)),
        "areas.csv": plain(
            (*AREA_COLUMNS, "name_en"),
            (
                (*row, named[2])
                for row, named in zip(area_rows(context), area_rows(context, "en"), strict=True)
            ),
        ),
    }
    for language in context.municipality.languages:
        texts = load(language)
        made[f"figures.{language}.xlsx"] = workbook(release, context, texts)
        made |= px_files(release, context, texts)
    return made | {"catalogue.jsonld": catalogue(context, made)}
