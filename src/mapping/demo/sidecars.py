"""The settings files of a demo workspace, as an analyst would write them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from mapping.demo.case_life import VALUES
from mapping.demo.cases import COLUMNS, NEW_SYSTEM, REASONS
from mapping.demo.place import Place
from mapping.demo.questions import WAVES, Question
from mapping.demo.survey_file import DISTRICT_ELSEWHERE

__all__ = ["geography_toml", "municipality_toml", "plan_toml", "publication_toml", "wave_toml"]

_FIELDWORK = {WAVES[0]: ("2024-02-05", "2024-03-15"), WAVES[1]: ("2026-02-02", "2026-03-13")}
_SCHOOL_YEAR = {WAVES[0]: "2023/24", WAVES[1]: "2025/26"}

_HOW_KNOWN = {
    "sv": "genom orosanmälan eller ansökan; skola och polis anmäler oftast.",
    "en": "through reports of concern or applications; schools and the police report most often.",
}


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _inline(pairs: Mapping[str, str]) -> str:
    inner = ", ".join(
        f"{key if key.isidentifier() else _text(key)} = {_text(value)}" for key, value in pairs.items()
    )
    return f"{{ {inner} }}"


def layer_of(place: Place) -> str:
    """The name of the layer of district polygons, and of its file."""
    return place.geography.split("-")[0]


def municipality_toml(place: Place) -> str:
    """municipality.toml"""
    return f"""schema = 1
code = {_text(place.code)}
name = {_text(place.name)}
publisher = "{place.genitive} kommun, socialförvaltningen"
languages = ["sv", "en"]
synthetic = true                   # watermarks every output
geography = {_text(place.geography)}

[help]                             # printed on the last page
children = "Bris 116 111, bris.se"
adults = "Kvinnofridslinjen 020-50 50 50"
staff = "Orosanmälan: socialtjänstens mottagning, {place.code}-00 00 00"

[legal]
basis = "Beslut i socialnämnden 2024-02-14 § 12"
"""


def publication_toml(place: Place) -> str:
    """publication.toml"""
    return f"""schema = 1
# Declared before the data are read: what will be published. protect() uses this plan and nothing else.
indicators = {_list(place.indicators)}
groups = [["sex"]]
levels = ["municipality", "area", "district"]
# districts are merged into nested publication areas until this many register pupils, by sensitivity class
area_min_population = {{ "2" = 150, "3" = 150, "4" = 600 }}
pool_waves = {place.pool_waves}
"""


def geography_toml(place: Place) -> str:
    """geography.toml"""
    layer = layer_of(place)
    return f"""schema = 1
file = "{layer}.gpkg"
layer = "{layer}"
code = "sdkod"
name = "sdnamn"
parent = "omrade"
edition = "2024-01-01"
municipality = {_text(place.code)}

[population]                       # register pupils, for publication areas, weights and rates
file = "elever_{WAVES[1]}.csv"
columns = {{ code = "sdkod", sex = "kon", grade = "ak", n = "antal" }}
"""


def plan_toml(place: Place) -> str:
    """plan.toml"""
    return f"""schema = 1
title = "{place.genitive} handlingsplan mot våld i nära relationer och hedersrelaterat våld och förtryck 2024–2027"

[[goals]]
id = "M1"
text = {{ sv = "Fler elever ska fritt få välja partner", en = "More pupils may freely choose a partner" }}
indicator = "S04"
group = "all"
direction = "down"
baseline = "2024"
target = 12.0                      # per cent
year = "2027"
unit = "Barn- och utbildningsnämnden"

[[goals]]
id = "M2"
text = {{ sv = "Färre elever ska oroa sig för att bli bortgifta", en = "Fewer pupils worry about being married off" }}
indicator = "S07"
group = "all"
direction = "down"
baseline = "2024"
target = 4.0
year = "2027"
unit = "Socialnämnden"

[[activities]]
goal = "M1"
text = {{ sv = "Utbildning för all skolpersonal i årskurs 6–9", en = "Training for all school staff in grades 6–9" }}
unit = "Grundskolechef"
status = "under way"
due = "2026-12-31"

[[activities]]
goal = "M1"
text = {{ sv = "Samtalsgrupper för flickor och för pojkar", en = "Discussion groups for girls and for boys" }}
unit = "Kultur- och fritidsförvaltningen"
status = "done"
due = "2025-12-31"

[[activities]]
goal = "M2"
text = {{ sv = "Rutin vid oro för bortförande inför lov", en = "Routine when removal abroad is feared" }}
unit = "Elevhälsan"
status = "planned"
due = "2026-05-31"
"""


def _item(question: Question, wave: str) -> str:
    lines = [f"[items.{question.item}]"]
    if question.boxes:
        lines.append(f"variables = {_inline({box: question.name(wave, box) for box in question.boxes})}")
        lines.append('checked = "Markerat"')
    else:
        lines.append(f"variable = {_text(question.name(wave))}")
        labels = question.answer_labels(wave)
        lines.append(
            f"values = {_inline({answer: labels[answer] for answer in (*question.yes, *question.no)})}"
        )
    return "\n".join(lines)


def wave_toml(place: Place, questions: tuple[Question, ...], wave: str) -> str:
    """wave.toml"""
    grades = {school.grade for school in place.schools}
    both = "årskurs 9 och gymnasiets år 2" if len(grades) > 1 else "årskurs 9"
    unsure, relabelled, reworded = '"Vet inte"', "", ""
    labels = {"9": '"9" = ["Årskurs 9"]', "gy2": 'gy2 = ["Gymnasiet år 2"]'}
    first, last = _FIELDWORK[wave]
    year = int(wave) - 1
    if wave == WAVES[1]:
        unsure = '"Vet ej"'
        swapped = [question.name(wave) for question in questions if question.swapped]
        relabelled = (
            f"relabelled = {_list(swapped)}            # codes changed places; confirmed by the data owner\n"
        )
        reworded = f"""
[[breaks]]
indicator = "S08"
from = {_text(wave)}
reason = {{ sv = "Frågan formulerades om {wave}.", en = "The question was reworded in {wave}." }}
"""
    reasons = ", ".join(f"{name} = {_list(labels)}" for name, labels in REASONS.items())
    items = "\n\n".join(_item(question, wave) for question in questions)
    values = "\n".join(
        f"\n[cases.values.{field}]\n" + "\n".join(f"{code} = {_list(texts)}" for code, texts in codes.items())
        for field, codes in VALUES.items()
    )
    return f"""schema = 1
id = {_text(wave)}
survey = "Ung i {place.name}"
fieldwork = [{_text(first)}, {_text(last)}]
population = "Elever i {both}, läsåret {_SCHOOL_YEAR[wave]}"
counts = "enrolled"

[file]
path = "ung{wave}.sav"
respondent = "lopnr"
missing = ["Ej svar", 99]
unsure = [{unsure}]
{relabelled}
[design]
school = "skola"
class = "klass"
frame = "frame_{wave}.csv"

[area]
kind = "residence"
column = "stadsdel"
geography = {_text(place.geography)}
elsewhere = [{_text(DISTRICT_ELSEWHERE)}]

[groups.sex]
column = "kon"
labels = {{ girl = ["Flicka"], boy = ["Pojke"], other = ["Annat", "Vill ej svara"] }}

[groups.grade]
column = "ak"
labels = {{ {", ".join(labels[grade] for grade in sorted(grades))} }}

{items}
{reworded}
[cases]
path = "arenden_{year}.csv"
period = ["{year}-01-01", "{year}-12-31"]
unit = "event"
columns = {_inline(COLUMNS)}
reasons = {{ {reasons} }}
days = ["{year - 1}-01-01", "{year}-12-31"]
population = "folkmangd_{year}.csv"
series = "arenden_till_{year - 1}.csv"
how_known = {_inline(_HOW_KNOWN)}
{values}
[[cases.breaks]]
break_from = "{NEW_SYSTEM}-01-01"
kind = "system"
reason = {{ sv = "Nytt verksamhetssystem.", en = "A new case system." }}

[[cases.sources]]
id = "pupil_health"
name = {{ sv = "Elevhälsan", en = "Pupil health" }}
path = "elevhalsa_{year}.csv"
unit = "person"
shared_keys = true
columns = {{ person = "elev", opened = "datum", reason = "skal" }}
reasons = {{ hrv = ["Heder"] }}

[[cases.aggregates]]
id = "helpline"
name = {{ sv = "Stödtelefonen", en = "The helpline" }}
counts = {{ K03 = {place.cases["hrv"] // 6} }}
"""
