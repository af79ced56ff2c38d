"""Drafts for the assessment of data protection, in Swedish: questions, who must answer them, and what settings say.

Nothing is asserted about the law, and no answer file is opened.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import docx
from docx.shared import Pt

from mapping.concepts.municipality import Municipality, Publication, read_municipality, read_publication
from mapping.concepts.wave import Wave, read_wave
from mapping.errors import BuildError
from mapping.manifest import wave_folders, write_whole

__all__ = ["drafts", "facts", "write_drafts"]

_ASK = "[Svar, datum och underskrift]"
_STANDING = {
    "door": "Programmet läser bara kolumner som kodboken eller wave.toml nämner, och stannar vid personnummer, namn "
    "och andra uppgifter som kan peka ut någon.",
    "small": "`mapping preview` räknar hur många celler som döljs och av vilken regel. Visa inte listan för andra.",
    "place": "Allt sker på den egna datorn. `mapping check` varnar för synkroniserade mappar och öppna behörigheter.",
    "kept": "data/processed/ innehåller nyckeln (.key), pseudonymiserade svar och antalen bakom det publicerade; "
    "mappen är läsbar för ägaren ensam.",
    "network": "Programmet öppnar ingen nätverksförbindelse.",
    "measures": "Dolda celler, granskning av de skrivna filerna före publicering, läsbart för ägaren ensam, kedjad "
    "liggare; se docs/security.md och docs/privacy.md.",
    "raw": "Programmet skriver aldrig i data/raw/ efter att omgången lagts upp, och raderar inget där.",
    "forget": "`mapping forget` raderar svar, skattningar och antal för en omgång; det publicerade står kvar och "
    "omgången kan inte publiceras på nytt.",
    "reports": "reports/ innehåller det som får publiceras; reports/ledger/ innehåller varje publicerat tal.",
    "withheld": "Dolda tal finns inte i rapporterna. De finns hos kommunen så länge antalen sparas.",
    "told": "`mapping publish-note` antecknar ett tal som lämnats ut, så att senare rapporter räknar det som känt.",
}


def facts(municipality: Municipality, publication: Publication, waves: tuple[Wave, ...]) -> dict[str, str]:
    """What the settings themselves answer, by name."""
    stricter = ", ".join(f"{name} = {value}" for name, value in municipality.policy.items())
    approved = "; ".join(f"{wave}: {who}" for wave, who in publication.approved.items())
    extracts = [wave.id for wave in waves if wave.cases is not None]
    return _STANDING | {
        "publisher": municipality.publisher,
        "decision": municipality.legal.get("basis", ""),
        "indicators": ", ".join(publication.indicators),
        "waves": "; ".join(f"{wave.id}: {wave.survey}, {wave.population}" for wave in waves),
        "geography": f"Nivåer: {', '.join(publication.levels)}; indelning: {municipality.geography or 'ingen'}.",
        "cases": f"Ärendeuttag finns för {', '.join(extracts)}."
        if extracts
        else "Inget ärendeuttag läses in.",
        "policy": f"Skärpt i municipality.toml: {stricter}."
        if stricter
        else "Programmets egna gränser, inte skärpta.",
        "approved": approved or "Ingen är antecknad under [approved] i publication.toml.",
        "help": "; ".join(municipality.help.values()),
    }


def drafts(known: Mapping[str, str], name: str) -> dict[str, bytes]:
    """The four drafts as .docx, by file name, with what is `known` filled in."""
    questions = tomllib.loads((resources.files(__package__) / "questions.toml").read_text(encoding="utf-8"))
    return {
        f"{draft['id']}.docx": _document(draft, questions["who"], known, name)
        for draft in questions["drafts"]
    }


def _document(draft: Mapping[str, Any], who: Mapping[str, str], known: Mapping[str, str], name: str) -> bytes:
    made = docx.Document()
    made.core_properties.language, made.core_properties.title = "sv-SE", draft["title"]
    made.styles["Normal"].font.size = Pt(11)
    made.add_heading(draft["title"], 0)
    made.add_paragraph(f"{name}. Utkast: {draft['lead']}")
    number = 0
    for section in draft["sections"]:
        made.add_heading(section["heading"], 1)
        for question in section["questions"]:
            number += 1
            made.add_paragraph(f"{number}. {question['text']}").runs[0].bold = True
            made.add_paragraph(f"Svarar: {who[question['who']]}")
            if said := known.get(question.get("fact", ""), ""):
                made.add_paragraph(f"Programmet svarar: {said}")
            made.add_paragraph(_ASK)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def write_drafts(workspace: Path, into: Path) -> list[Path]:
    """Write the drafts of the workspace's mapping into a folder; what somebody has filled in is never overwritten.

    Raises
    ------
    BuildError
        If one of them is there already.
    """
    municipality = read_municipality(workspace / "municipality.toml")
    publication = read_publication(workspace / "publication.toml")
    waves = tuple(read_wave(folder / "wave.toml") for folder in wave_folders(workspace))
    made = drafts(facts(municipality, publication, waves), municipality.name)
    if there := next((into / name for name in made if (into / name).exists()), None):
        raise BuildError(
            f"{there} is there already, and somebody may have filled it in. Name another folder with --into."
        )
    for name, content in made.items():
        write_whole(into / name, content)
    return [into / name for name in made]
