"""What the columns of figures.csv mean, for machines (W3C, Metadata Vocabulary for Tabular Data, 2015)."""

from __future__ import annotations

import json
from typing import Any, Final

from mapping.publish.context import Context
from mapping.publish.open_data.rows import FIGURE_COLUMNS, NONE
from mapping.texts import load

__all__ = ["metadata"]

_TYPES: Final[dict[str, Any]] = {
    "status": {"base": "string", "format": "shown|none_known|withheld|not_asked"},
    "level": {"base": "string", "format": "municipality|area|district"},
    "target": {"base": "string", "format": "pupils|risk|cases"},
    **dict.fromkeys(("share", "low", "high", "unsure", "bounds_low", "bounds_high"), "decimal"),
    **dict.fromkeys(("decimals", "count"), "integer"),
}


def metadata(context: Context) -> bytes:
    """The metadata of figures.csv, in Swedish and English."""
    swedish, english = load("sv"), load("en")
    columns = [
        {
            "name": name,
            "titles": {"en": [name], "sv": [swedish(f"open_data.{name}")]},
            "dc:description": {
                "en": english(f"open_data_help.{name}"),
                "sv": swedish(f"open_data_help.{name}"),
            },
            "datatype": _TYPES.get(name, "string"),
            "null": NONE,
        }
        for name in FIGURE_COLUMNS
    ]
    title = {
        texts.language: texts("title.subtitle", municipality=context.municipality.name, wave=context.wave.id)
        for texts in (swedish, english)
    }
    described = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": "figures.csv",
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "lineTerminators": ["\n"]},
        "dc:title": title,
        "dc:publisher": context.municipality.publisher,
        "dc:date": context.date,
        "dc:type": swedish("word.synthetic") if context.municipality.synthetic else "Statistics",
        "tableSchema": {"columns": columns, "primaryKey": ["key", "target"]},
    }
    return (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()
