"""No group by birth country, faith or language, whatever the column is called and whatever it is labelled."""

from __future__ import annotations

import pandas as pd
import pytest

from mapping.concepts.wave import Group
from mapping.errors import SettingsError
from mapping.ingest.background import refuse_background
from mapping.ingest.raw import RawTable

CODES = {"a": (1,), "b": (2,)}


def refused(
    group: str = "g1",
    column: str = "v7",
    title: str = "",
    labels: tuple[str, ...] = (),
    levels: object = None,
) -> bool:
    named = {float(code): label for code, label in enumerate(labels, 1)}
    table = RawTable(
        "f.sav", "sav", pd.DataFrame({column: [1.0, 2.0]}), labels={column: named}, titles={column: title}
    )
    try:
        refuse_background(group, Group(column, levels or CODES), table)  # type: ignore[arg-type]
    except SettingsError:
        return True
    return False


@pytest.mark.parametrize(
    "word",
    [
        *("fodelseland", "födelseland_elev", "birth_country", "country of birth", "bakgrund", "utrikes_fodd"),
        *("utrikes född", "muslim"),
        *("religion", "religious", "tro_samfund trosuppfattning", "modersmal"),
        *("hemsprak", "mother tongue", "etnicitet"),
        *(
            "ethnic",
            "race",
            "medborgarskap",
            "nationality",
            "immigrant",
            "migration",
            "asylsökande",
            "foreign_born",
        ),
    ],
)
def test_a_telling_name_or_text_is_refused(word: str) -> None:
    assert refused(column=word) or refused(title=word)
    assert refused(group=word)


@pytest.mark.parametrize(
    "labels",
    [
        ("Sverige", "Syrien", "Somalia", "Annat land"),
        ("Sverige", "Norden", "Övriga Europa", "Utanför Europa"),
        ("Sweden", "Finland, Denmark or Norway", "Other"),
        ("Afrika", "Asien", "Europa"),
        ("Svenska", "Arabiska", "Somaliska", "Annat"),
        ("Swedish", "Arabic", "Kurdish"),
        ("Kristen", "Muslim", "Ingen"),
        ("Christian", "Islam", "Hindu", "None"),
        ("Svenska kyrkan", "Katolsk", "Ortodox", "Vill inte svara"),
    ],
)
def test_telling_labels_are_refused_under_any_name(labels: tuple[str, ...]) -> None:
    assert refused(labels=labels)
    assert refused(levels={f"x{i}": (label,) for i, label in enumerate(labels)})
    assert refused(levels={label.lower(): (i,) for i, label in enumerate(labels)})


def test_texts_in_the_cells_tell_as_well() -> None:
    table = RawTable("f.csv", "csv", pd.DataFrame({"v7": ["Irak", "Sverige", "Iran", ""]}))

    with pytest.raises(SettingsError, match="never shown by birth country, faith or language"):
        refuse_background("g1", Group("v7", CODES), table)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "title", "labels"),
    [
        ("kon", "Är du …?", ("Flicka", "Pojke", "Annat", "Vill inte svara")),
        ("arskurs", "Vilken årskurs går du i?", ("Årskurs 9", "Gymnasiet år 2")),
        ("sex", "What is your sex?", ("Female", "Male", "Other", "Prefer not to say")),
        ("program", "Vilket program går du?", ("Samhällsvetenskap", "Naturvetenskap", "Bygg", "IM")),
        ("funktion", "Har du en funktionsnedsättning?", ("Ja", "Nej", "Vet ej")),
        ("terrace", "Bor du i lägenhet eller hus?", ("Lägenhet", "Radhus", "Villa")),
        ("hbtq", "Sexuell läggning", ("Heterosexuell", "Homosexuell", "Bisexuell")),
    ],
)
def test_other_groups_pass(column: str, title: str, labels: tuple[str, ...]) -> None:
    assert not refused(
        column=column, title=title, labels=labels, levels={f"x{i}": (v,) for i, v in enumerate(labels)}
    )
