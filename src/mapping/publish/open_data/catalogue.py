"""The record of a release for a data portal: DCAT-AP-SE as JSON-LD, with everything it needs inside.

References
----------
DIGG (2024), DCAT-AP-SE 3.0. W3C (2024), Data Catalog Vocabulary, version 3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mapping.publish.context import Context
from mapping.texts import LANGUAGES, load

__all__ = ["catalogue"]

_EU: Final = "http://publications.europa.eu/resource/authority"
_CONTEXT: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# file ending -> media type, and the file type of the European vocabulary where it has one
_FORMATS: Final = {
    "csv": ("text/csv", "CSV"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    "px": ("text/x-pcaxis", ""),
}
_LANGUAGE: Final = {"sv": f"{_EU}/language/SWE", "en": f"{_EU}/language/ENG"}


def catalogue(context: Context, files: Mapping[str, bytes]) -> bytes:
    """The data set with a distribution for each of `files`; addresses are relative to the record itself."""
    data = [name for name in sorted(files) if name.rpartition(".")[2] in _FORMATS]
    graph = [
        _dataset(context, data),
        _publisher(context),
        *(_distribution(context, name, files) for name in data),
    ]
    return (json.dumps({"@context": _CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1) + "\n").encode()


def _dataset(context: Context, data: list[str]) -> dict[str, Any]:
    municipality, wave = context.municipality, context.wave
    record: dict[str, Any] = {
        "@id": "#dataset",
        "@type": "dcat:Dataset",
        "dcterms:title": list(_titles(context)),
        "dcterms:description": list(
            _said(f"catalogue.description{context.other}", municipality=municipality.name)
        ),
        "dcterms:publisher": {"@id": "#publisher"},
        "dcterms:identifier": f"{municipality.code}-{wave.id}-{context.sequence}",
        "dcterms:issued": {"@type": "xsd:date", "@value": context.date},
        "dcterms:accessRights": {"@id": f"{_EU}/access-right/PUBLIC"},
        "dcterms:language": [{"@id": _LANGUAGE[language]} for language in municipality.languages],
        "dcterms:spatial": {"@type": "dcterms:Location", "dcterms:identifier": municipality.code},
        "dcat:theme": {"@id": f"{_EU}/data-theme/SOCI"},
        "dcat:keyword": list(_said(f"catalogue.keyword{context.other}")),
        "dcat:distribution": [{"@id": f"#{name}"} for name in data],
    }
    if contact := municipality.legal.get("contact"):
        kind = {"@type": "vcard:Organization", "vcard:fn": municipality.publisher}
        record["dcat:contactPoint"] = kind | {"vcard:hasEmail": {"@id": f"mailto:{contact}"}}
    if all(wave.fieldwork):
        start, end = ({"@type": "xsd:date", "@value": day} for day in wave.fieldwork)
        period = {"@type": "dcterms:PeriodOfTime", "dcat:startDate": start, "dcat:endDate": end}
        record["dcterms:temporal"] = period
    return record


def _titles(context: Context) -> Iterator[dict[str, str]]:
    for language in LANGUAGES:
        texts = load(language)
        said = texts("title.subtitle", municipality=context.municipality.name, wave=context.wave.id)
        yield {"@language": language, "@value": f"{texts(f'title.report{context.other}')}. {said}"}


def _said(key: str, **values: str) -> Iterator[dict[str, str]]:
    for language in LANGUAGES:
        yield {"@language": language, "@value": load(language)(key, **values)}


def _publisher(context: Context) -> dict[str, Any]:
    name = {"@language": "sv", "@value": context.municipality.publisher}
    return {"@id": "#publisher", "@type": "foaf:Organization", "foaf:name": name}


def _distribution(context: Context, name: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    media, kind = _FORMATS[name.rpartition(".")[2]]
    record: dict[str, Any] = {
        "@id": f"#{name}",
        "@type": "dcat:Distribution",
        "dcterms:title": name,
        "dcat:accessURL": {"@id": name},
        "dcat:downloadURL": {"@id": name},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media}"},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(len(files[name]))},
    }
    if kind:
        record["dcterms:format"] = {"@id": f"{_EU}/file-type/{kind}"}
    if licence := context.municipality.legal.get("licence"):
        record["dcterms:license"] = {"@id": licence}
    return record
