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
# # A first map in ten lines
#
# From a survey file to a map that may be shown, on the synthetic municipality: no real pupil
# is behind any number here. The same lines work on a workspace of your own; only the folder
# changes.

# %%
import mapping as m
from mapping import demo, disclosure, pipeline

folder = demo.at_hand()  # or pathlib.Path("/your/workspace")

# %% [markdown]
# ## 1 Open the workspace
# Its settings say who publishes, what will be published, which waves there are and where the
# districts lie. Districts have been merged into publication areas from register counts,
# before a single answer was read.

# %%
workspace = pipeline.open_workspace(folder)
wave = workspace.waves[-1]
workspace.districts.frame.plot(
    column="parent", edgecolor="white", figsize=(4.5, 4.5)
).set_axis_off()

# %% [markdown]
# ## 2 Read the answers
# Only variables that `wave.toml` names are read; keys become pseudonyms, rows are shuffled.
# Responses never print themselves. The codebook turns items into indicators: *yes*, *no*,
# *unsure*, *declined*, *skipped*, never mixed up.

# %%
intake = pipeline.take_in(workspace, wave)
print(intake.responses)
print(workspace.indicators["S04"].definition["en"])

# %% [markdown]
# ## 3 Estimate
# Every cell for two targets: *pupils* (this year's, a finite population) and *risk* (the
# place's own). What comes out is exact, and therefore not for showing: the table shows a
# reminder instead of itself.

# %%
table = pipeline.estimate(workspace, [intake])
table

# %% [markdown]
# ## 4 Protect
# All tables at once, so that nothing withheld can be worked out from what stands beside it.
# The release is sealed: only this step makes one, and only a release can be drawn.

# %%
policy = disclosure.read_policy(workspace.municipality.policy)
release = m.protect([table], policy, synthetic=workspace.municipality.synthetic)
release.table(indicator="S04", target="pupils", level="area", group="all")

# %% [markdown]
# ## 5 Draw
# Dots mark uncertain places, lines those that are not shown. The title says the finding, and
# the picture can say itself in words to those who do not see it.

# %%
picture = m.draw_map(
    release,
    workspace.districts,
    workspace.indicators["S04"],
    wave=wave.id,
    language="en",
    kind="estimate",
)
picture

# %%
print(picture.alt)

# %% [markdown]
# ## What next
# `m.rebuild(folder)` does all this for every wave and indicator, adds the public model, the
# report in Swedish and English, open data and the audit of the finished files.
# `m.prevalence` estimates from any table of your own.
