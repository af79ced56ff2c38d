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
# # How good is this wave?
#
# Before a share is believed: who answered, who did not, what did they leave out, and would
# it matter? A rebuild answers all this in `data/processed/<wave>/quality.html`. Here the
# same questions are asked one at a time, on synthetic data.

# %%
import matplotlib.pyplot as plt
import pandas as pd

from mapping import demo, pipeline
from mapping.estimate.what_if import what_if

workspace = pipeline.open_workspace(demo.at_hand())
earlier = pipeline.take_in(workspace, workspace.waves[-2])
intake = pipeline.take_in(workspace, workspace.waves[-1], before=earlier.responses)

# %% [markdown]
# ## What intake noticed
# Everything that was decided on reading stands in a note. No note holds anybody's answer, or
# a count below five.

# %%
for note in intake.responses.notes:
    print("·", note)

# %% [markdown]
# ## Who answered
# The frame says how many there were on the register; the survey file says how many answered.
# A group that is missing here is missing from every share, unless weights make up for it.

# %%
response = intake.responses.response
who = response[response["sex"].isin(["girl", "boy"])]
who = who.groupby(["grade", "sex"])[["registered", "answered"]].sum()
who.assign(rate=(100 * who["answered"] / who["registered"]).round(0))

# %% [markdown]
# Schools differ more than sexes do. A school where nobody answered keeps its place: within
# grade and sex the others stand for it, which is an assumption.

# %%
schools = response.groupby("psu")[["registered", "answered"]].sum()
rate = (100 * schools["answered"] / schools["registered"]).sort_values()
fig, axis = plt.subplots(figsize=(7, 2.6), layout="constrained")
colours = ["#a8481f" if share == 0 else "#35608c" for share in rate]
axis.scatter(range(len(rate)), rate, color=colours, clip_on=False)
axis.set(title="Response, school by school", xlabel="schools, in order of response")
axis.set(ylabel="answered, per cent", ylim=(0, 100), xticks=[])
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## What they were silent about
# *Unsure*, *declined* and *skipped* are three kinds of silence. None of them is a no.
# Questions on marriage and violence have most of it, and that is worth knowing before a
# small share is called small.

# %%
asked_for = [id_ for id_ in workspace.publication.indicators if id_ in intake.answers]
names = {id_: workspace.indicators[id_].name["en"] for id_ in asked_for}
kinds = ["unsure", "declined", "skipped"]
asked = intake.answers[asked_for].replace("", pd.NA)
silence = pd.DataFrame(
    {kind: 100 * asked.eq(kind).sum() / asked.notna().sum() for kind in kinds}
)
fig, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
colours = ["#35608c", "#c98b2b", "#9aa5b1"]
silence.rename(names)[::-1].plot.barh(stacked=True, ax=axis, color=colours, width=0.7)
axis.set(title="Neither yes nor no", xlabel="per cent of those who were asked")
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## Would it matter?
# What no interval tells: the share if all who were unsure had meant no, or yes; if the
# silent were half, or twice, as exposed; if the schools that refused were like one of the
# lowest, or highest, of the others.

# %%
chosen = [workspace.indicators[id_] for id_ in ("S04", "S07", "S15")]
other = what_if(intake.sample, response, chosen).set_index(["indicator", "assumption"])
(100 * other).round(1).sort_index()

# %% [markdown]
# The estimate of S04 moves further by what the unsure meant than by anything else. That is
# why the report prints the share of the unsure beside it, and the two bounds.
#
# ## Weights and places
# Calibrated weights bring the answers to the register's pupils by grade and sex. Weights far
# from 1 would mean that few stand for many.

# %%
weight = intake.table["weight"] / intake.table["weight"].mean()
answers = intake.table["area"].value_counts()
pupils = workspace.districts.population.groupby("code")["n"].sum()
print(f"Weights run from {weight.min():.2f} to {weight.max():.2f} of their mean.")
fig, axis = plt.subplots(figsize=(4.2, 3.6), layout="constrained")
axis.scatter(pupils, answers.reindex(pupils.index, fill_value=0), color="#35608c")
axis.set(title="Districts", xlabel="pupils on the register", ylabel="respondents")
axis.set(ylim=0, xlim=0)
axis.spines[["top", "right"]].set_visible(False)
