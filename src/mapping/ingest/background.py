"""Birth country, faith and language: a group that tells them is refused, whatever its column is called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import pandas as pd
from babel import Locale

from mapping.concepts.wave import Group
from mapping.errors import SettingsError
from mapping.ingest.raw import RawTable, factorized, normal

__all__ = ["refuse_background"]

# what a column, a level or a label is called; a word that begins like this, or stands alone where that is too short
_MARKS = re.compile(
    r"född (?:i|utom|utanför|utrikes|inrikes)\b|födelse(?:land|region|kontinent|plats|ort)|fodelse(?:land|region)"
    r"|\b(?:utrikes|inrikes)[ -]*f[öo]dd|utlandsf[öo]dd|utl[äa]ndsk|\bbakgrund|härkomst|ursprung|hudfärg"
    r"|\bet(?:h)?n(?:i|icitet)|\brac(?:e|ial)\b|\bras\b|religi|tros(?:uppfattning|samfund|riktning)|livsåskådning|\bkyrk"
    r"|\bfaith|\bworship|modersm[åa]l|hemspr[åa]k|\bspr[åa]k|mother[ -]?tongue|language|spoken at home|talar hemma"
    r"|nationali|medborgar|citizen|country[ _-]*of[ _-]*(?:birth|origin)|birth[ _-]*(?:country|place)"
    r"|\bborn (?:in|outside|abroad)|foreign|invandr|immigr|\bmigra(?!in)|asyl|refugee|flykting"
    r"|nyanländ|uppehållstillstånd|minorit"
)
_FAITHS = re.compile(
    r"\b(?:krist(?:en|na|endom)|christian|muslim|islam|jud(?:e|isk|endom|ar)|jew|judaism|hindu|buddh|katoli|cathol"
    r"|protestant|ortodox|orthodox|luther|svenska kyrkan|church|sikh|alevit|shia|sunni|syrisk|asatro|ateis|atheis"
    r"|agnosti|bahá|mandei|jezid|yazid|pingst|pentecost|jehova)"
)
_COUNTRY_WORDS = frozenset(
    {
        "norden",
        "övriga norden",
        "övriga europa",
        "utanför europa",
        "övriga världen",
        "mellanöstern",
        "the middle east",
    }
)
_FEWEST = 2


@cache
def _names() -> frozenset[str]:
    """Countries, continents and languages in Swedish and English (CLDR), and the Swedish words for regions."""
    found = set(_COUNTRY_WORDS)
    for language in ("sv", "en"):
        locale = Locale(language)
        for names in (locale.territories, locale.languages):
            found |= {normal(name) for name in names.values() if len(name) > 3}
    return frozenset(found)


def _tells(label: str) -> bool:
    """Whether a label is, or begins with, the name of a country, a language or a faith."""
    text = normal(label)
    parts = [text, *re.split(r"\s*(?:[,/(]|\boch\b|\band\b|\beller\b|\bor\b)\s*", text)]
    return bool(_FAITHS.search(text)) or any(part in _names() for part in parts)


def _labels(group: Group, table: RawTable) -> set[str]:
    labels = {str(label) for row in group.labels.values() for label in row if isinstance(label, str)}
    labels |= set(map(str, table.labels.get(group.column, {}).values()))
    column = table.frame.get(group.column)
    if column is not None and not pd.api.types.is_numeric_dtype(column):
        labels |= {str(value) for value in factorized(column)[1]}
    return {label for label in labels if normal(label)}


def _mostly(labels: Iterable[str]) -> bool:
    told = [_tells(label) for label in labels]
    return sum(told) >= _FEWEST and sum(told) * 2 >= len(told)


def refuse_background(name: str, group: Group, table: RawTable) -> None:
    """Refuse a group of birth country, faith or language, told by its name, its text, its levels or its labels.

    Raises
    ------
    SettingsError
        Exposure is never shown by these for places below the municipality.
    """
    labels = _labels(group, table)
    stated = [str(label) for row in group.labels.values() for label in row]
    called = [normal(word).replace("_", " ") for word in (name, group.column, *group.labels)]
    words = [*called, normal(table.titles.get(group.column, "")), *map(normal, stated)]
    told = any(map(_MARKS.search, words)) or any(map(_FAITHS.search, called))
    if told or _mostly(labels) or _mostly(group.labels):
        raise SettingsError(
            f"wave.toml [groups.{name}]: exposure is never shown by birth country, faith or language for places below "
            "the municipality. Remove this group."
        )
