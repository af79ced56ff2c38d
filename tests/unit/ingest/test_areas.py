"""District codes of another edition, or of parts of districts, led to the districts there are."""

from __future__ import annotations

from mapping.concepts.responses import ELSEWHERE
from mapping.ingest import read_survey

AREA = """
[area]
kind = "residence"
column = "sd"
geography = "2018"
[items.n_partner]
variable = "f31"
values = { own = "Ja", conditional = "Delvis", none = "Nej" }
"""
CODES = {"A1": "1101", "A2": "1101", "B": "", "C": "1201"}


def test_former_codes_lead_to_districts_and_divided_ones_count_for_the_municipality(make_wave):
    districts = ["A1"] * 5 + ["A2"] * 4 + ["B"] * 6 + ["c "] * 7
    wave = make_wave({"sd": districts, "f31": ["Ja"] * 22}, AREA, kind="csv")
    responses = read_survey(None, wave, districts=CODES)
    assert responses.frame["area"].value_counts().to_dict() == {"1101": 9, "1201": 7, ELSEWHERE: 6}
    assert (
        "Column 'sd' holds codes that were divided among several districts; their rows count for the municipality only."
        in responses.notes
    )


def test_a_set_of_codes_leads_each_code_to_itself(make_wave):
    wave = make_wave({"sd": ["1101", "1201"], "f31": ["Ja", "Nej"]}, AREA, kind="csv")
    assert set(read_survey(None, wave, districts={"1101", "1201"}).frame["area"]) == {"1101", "1201"}
