"""A wave of one's own: a few rows, their labels, and a wave.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from mapping.concepts.wave import Wave, read_wave

HEAD = """schema = 1
id = "{id}"
survey = "Ung"
[file]
path = "{file}"
{file_keys}
"""
# what most tests ask: one question, by label
PARTNER = """
[items.n_partner]
variable = "f31"
values = { own = "Ja", conditional = "Delvis", none = "Nej" }
"""
PARTNER_LABELS = {1.0: "Ja", 2.0: "Delvis", 3.0: "Nej", 8.0: "Vet ej", 9.0: "Vill ej svara"}

MakeWave = Callable[..., Wave]


@pytest.fixture
def make_wave(tmp_path: Path) -> MakeWave:
    """Writes a survey file and its wave.toml into `tmp_path/<id>` and returns the wave."""

    def make(
        columns: Mapping[str, Any],
        settings: str = PARTNER,
        *,
        labels: Mapping[str, Mapping[float, str]] | None = None,
        missing: Mapping[str, list[Any]] | None = None,
        kind: str = "sav",
        id: str = "2026",  # noqa: A002
        file_keys: str = 'unsure = ["Vet ej"]',
    ) -> Wave:
        folder = tmp_path / id
        folder.mkdir(exist_ok=True)
        file = folder / f"ung.{kind}"
        frame = pd.DataFrame(columns)
        if kind == "sav":
            pyreadstat.write_sav(
                frame, str(file), variable_value_labels=dict(labels or {}), missing_ranges=dict(missing or {})
            )
        else:
            frame.to_csv(file, sep=";", index=False, encoding="cp1252")
        text = HEAD.format(id=id, file=file.name, file_keys=file_keys) + settings
        (folder / "wave.toml").write_text(text, encoding="utf-8")
        return read_wave(folder / "wave.toml")

    return make
