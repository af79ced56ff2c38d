# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # An indicator, a district map, a wave of your own
#
# Three things that every municipality needs sooner or later. None of them takes a line of
# code: they are files beside the data. We work on a copy of the synthetic municipality.

# %%
import shutil
import tempfile
from pathlib import Path

import pyreadstat

from mapping import demo, pipeline
from mapping.errors import MappingError

folder = Path(tempfile.mkdtemp()) / "municipality"
published = shutil.ignore_patterns("reports", "processed")
folder = shutil.copytree(demo.at_hand(), folder, ignore=published)

# %% [markdown]
# ## 1 An indicator
# *Does somebody else decide over both leisure and clothes?* It is a rule over questions of
# the codebook. Sensitivity and finest level cannot be laxer than those of its parts.

# %%
(folder / "indicators").mkdir()
(folder / "indicators" / "L01.toml").write_text(
    """
schema = 1
id = "L01"
side = "survey"
name = { sv = "Styrd fritid och klädsel", en = "Leisure and clothes controlled" }
rule = "S09 and S11"
definition = { sv = "Andra bestämmer över fritid och kläder.", en = "Others decide over leisure and clothes." }
finding = { sv = "styrs i fritid och klädsel", en = "are controlled in leisure and clothes" }
construct = "control"
tier = "norm"
sensitivity = 3
finest = "area"
denominator = { sv = "elever som svarat ja eller nej", en = "pupils who answered yes or no" }
period = { sv = "nu", en = "now" }
source = "Egen fråga"
version = "1.0"
""",
    encoding="utf-8",
)
plan = folder / "publication.toml"
plan.write_text(
    plan.read_text(encoding="utf-8").replace('"S13",', '"S13", "L01",'), encoding="utf-8"
)

workspace = pipeline.open_workspace(folder)
intake = pipeline.take_in(workspace, workspace.waves[-1])
intake.answers["L01"].value_counts(normalize=True).mul(100).round(1).to_frame("per cent")

# %% [markdown]
# A mistake is named, with its file and its remedy:

# %%
wrong = folder / "indicators" / "L01.toml"
right = wrong.read_text(encoding="utf-8")
for old, new in (('finest = "area"', 'finest = "distrct"'), ("S09 and S11", "S09 and S99")):
    wrong.write_text(right.replace(old, new), encoding="utf-8")
    try:
        pipeline.open_workspace(folder)
    except MappingError as error:
        print("·", error)
size = wrong.write_text(right, encoding="utf-8")

# %% [markdown]
# ## 2 A district map
# Polygons in a folder of their own, and `geography.toml` beside them. `dissolve = true`
# makes larger areas the districts; their pupils are added up. `municipality.toml` says which
# map is used.

# %%
places = folder / "data" / "raw" / "geography"
shutil.copytree(places / "stadsdelar-2024", places / "omraden-2026")
with (places / "omraden-2026" / "geography.toml").open("a", encoding="utf-8") as file:
    file.write("\n[parents]\ndissolve = true\n")
for path in [folder / "municipality.toml", *(folder / "data" / "raw").glob("*/wave.toml")]:
    text = path.read_text(encoding="utf-8").replace("stadsdelar-2024", "omraden-2026")
    path.write_text(text, encoding="utf-8")

larger = pipeline.open_workspace(folder).districts
print(larger, *larger.notes, sep="\n")
larger.frame.plot(column="code", edgecolor="white", figsize=(4.5, 4.5)).set_axis_off()

# %% [markdown]
# ## 3 A wave
# Here the file of 2026 plays the one of 2028. `new_wave` copies it into the workspace,
# proposes which variable is which question, and writes a draft of `wave.toml` that says
# where it is in doubt. Read it before you believe it.

# %%
file = folder / "ung2028.sav"
answers, meta = pyreadstat.read_sav(folder / "data" / "raw" / "2026" / "ung2026.sav")
labels = {
    "variable_value_labels": meta.variable_value_labels,
    "column_labels": meta.column_labels,
}
pyreadstat.write_sav(answers, file, **labels)
draft, doubts = pipeline.new_wave(folder, file)
print(doubts)

# %%
print("\n".join(draft.read_text(encoding="utf-8").splitlines()[:40]))

# %% [markdown]
# ## Then
# `python -m mapping check` reads everything and says what is wrong, `python -m mapping
# preview` what the next report would withhold, and `python -m mapping rebuild` makes it.
# `docs/workspace.md` explains every key.
