"""Settings files are read strictly: every slip is named with its file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.concepts.municipality import read_municipality, read_publication
from mapping.concepts.wave import read_wave
from mapping.errors import SettingsError

MUNICIPALITY = """
schema = 1
code = "0199"
name = "Exempelköping"
publisher = "Exempelköpings kommun"
"""

WAVE = """
schema = 1
id = "2026"
survey = "Ung i Exempelköping"
[file]
path = "ung.csv"
[area]
kind = "residence"
column = "stadsdel"
[items.n_partner]
variable = "f31"
values = { own = "Ja, helt själv", none = ["Nej", 3] }
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_workspace_is_read_as_it_stands(shared: Path) -> None:
    workspace = shared / "workspace"
    assert read_municipality(workspace / "municipality.toml").code == "0199"
    assert read_publication(workspace / "publication.toml").area_min_population == {2: 150, 3: 150, 4: 600}
    wave = read_wave(workspace / "data" / "raw" / "2026" / "wave.toml")
    assert wave.items["n_leisure"].variables["none"] == "f35x"
    assert wave.breaks[0].reason["sv"] == "Frågan formulerades om."
    assert wave.plan == "plan.toml"


def test_a_misspelt_key_is_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    path = write(tmp_path, "municipality.toml", MUNICIPALITY + 'lenguages = ["sv"]\n')
    with pytest.raises(
        SettingsError, match=r"municipality\.toml: unknown key 'lenguages'\. Did you mean 'languages'"
    ):
        read_municipality(path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "municipality.toml", MUNICIPALITY.replace('code = "0199"\n', ""))
    with pytest.raises(SettingsError, match=r"the key 'code' is missing"):
        read_municipality(path)


def test_a_code_written_as_a_number_is_refused_because_leading_zeros_matter(tmp_path: Path) -> None:
    path = write(tmp_path, "municipality.toml", MUNICIPALITY.replace('"0199"', "199"))
    with pytest.raises(SettingsError, match="'code' must be text, not 199"):
        read_municipality(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"residence"', '"homes"', "choose one of 'residence'"),
        ('column = "stadsdel"\n', "", "'column' is missing"),
        ('variable = "f31"\n', "", "either 'variable'"),
        ('id = "2026"', 'id = "2025"', "the folder is called '2026'"),
        ("schema = 1", "schema = 2", "schema must be 1"),
        ("[file]", "[[file", "not readable as TOML"),
    ],
)
def test_each_slip_in_a_wave_has_its_own_message(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in WAVE
    path = write(tmp_path, "2026/wave.toml", WAVE.replace(old, new))
    with pytest.raises(SettingsError, match=message):
        read_wave(path)


def test_labels_may_be_text_or_codes(tmp_path: Path) -> None:
    wave = read_wave(write(tmp_path, "2026/wave.toml", WAVE))
    assert wave.items["n_partner"].values["none"] == ("Nej", 3)
    assert wave.items["n_partner"].values["own"] == ("Ja, helt själv",)


def test_publication_levels_must_be_known(tmp_path: Path) -> None:
    path = write(tmp_path, "publication.toml", 'schema = 1\nindicators = ["S04"]\nlevels = ["street"]\n')
    with pytest.raises(SettingsError, match="'levels' holds 'street'"):
        read_publication(path)
