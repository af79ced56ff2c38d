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
# # How common is it, and how sure are we?
#
# A share without its uncertainty is a rumour. This notebook takes one question, *may you
# choose your partner?*, and shows what stands behind the limits of its interval: whom the
# share is about, schools, small numbers. All data are synthetic, so in the end we can look
# at the truth.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import mapping as m
from mapping import demo, pipeline

workspace = pipeline.open_workspace(demo.at_hand())
intake = pipeline.take_in(workspace, workspace.waves[-1])
frame = intake.table  # a row for each respondent; an indicator is 1 (yes), 0 (no) or missing

# %% [markdown]
# ## Two questions that sound like one
# *Of this year's pupils, how many?* Those who answered are most of them, so little is left
# to chance. *What is the risk of growing up here?* This year's schools are then a sample of
# what could have been. The share is the same, the certainty is not, and every table and map
# says which of the two it means.

# %%
columns = ["n", "estimate", "ci_low", "ci_high", "interval", "deff", "reliability"]
both = {
    target: m.prevalence(frame, intake.wave.design(target), "S04")
    for target in ("pupils", "risk")
}
pd.concat(both).droplevel(1)[columns].round(3)

# %% [markdown]
# ## Pupils of one school resemble each other
# Taken as if each pupil had been drawn alone, the same answers look more certain than they
# are. `deff` is by how much the schools inflate the variance of *risk*.

# %%
alone = m.prevalence(frame, m.SurveyDesign(weights="weight"), "S04")
schools = both["risk"]
for name, row in (("pupils drawn one by one", alone), ("schools as they are", schools)):
    low, high = 100 * row["ci_low"].item(), 100 * row["ci_high"].item()
    print(f"{name:24} {low:4.1f} to {high:4.1f} per cent")

# %% [markdown]
# ## Girls and boys apart
# A subset is a column in `by`, never a part of the frame: the variance must know of the
# schools outside it.

# %%
sexes = frame.assign(sex=frame["sex"].where(frame["sex"].isin(["girl", "boy"])))
apart = m.prevalence(sexes, intake.wave.design("risk"), ["S04", "S07"], by="sex")
apart.set_index(["indicator", "sex"])[columns].round(3)

# %% [markdown]
# ## Where few said yes, the usual interval fails
# In one district seven of a hundred said yes. Wald's limits lie as far below the share as
# above it: too low on both sides. `auto` takes logit limits, and where fewer than ten said
# yes Korn–Graubard's (`beta`), with the design effect of all districts together. How often
# each kind holds the truth is measured in `docs/coverage.md`.

# %%
kinds = ["wald", "logit", "beta", "wilson", "auto"]
few = frame.assign(here=frame["area"].eq("019802"))
risk = intake.wave.design("risk")
limits = pd.concat(
    [m.prevalence(few, risk, "S07", by="here", interval=kind) for kind in kinds]
)
limits = limits[limits["here"]].assign(asked=kinds).set_index("asked")
limits[["n", "n_pos", "estimate", "ci_low", "ci_high"]].round(3)

# %% [markdown]
# ## Do the limits hold the truth?
# Of real pupils nobody knows. The synthetic municipality is drawn again here, with the true
# risk of every district.

# %%
truth = demo.build(Path(tempfile.mkdtemp()), size="city").risk
true = truth.query("wave == @intake.wave.id and indicator == 'S04' and group == 'all'")
places = m.prevalence(frame, intake.wave.design("risk"), "S04", by="area").set_index("area")
places = places.drop("elsewhere").join(true.set_index("area")["share"])
held = places["share"].between(places["ci_low"], places["ci_high"])

# %%
fig, axis = plt.subplots(figsize=(7, 4.6), layout="constrained")
rows = range(len(places))
axis.hlines(rows, 100 * places["ci_low"], 100 * places["ci_high"], color="#9aa5b1", lw=3)
axis.scatter(100 * places["estimate"], rows, color="#35608c", zorder=3, label="estimate")
mark = {"marker": "|", "s": 160, "lw": 2.5, "zorder": 4}
axis.scatter(100 * places["share"], rows, color="#a8481f", label="truth", **mark)
axis.set(title=f"{held.sum()} of {len(held)} intervals hold the truth", xlabel="per cent")
axis.set_xlim(left=0)
axis.set_yticks(rows, [workspace.districts.names()[code] for code in places.index], fontsize=8)
axis.invert_yaxis()
axis.legend(frameon=False, loc="lower right")
axis.spines[["top", "right", "left"]].set_visible(False)

# %% [markdown]
# The estimates of single districts wander far: most of what tells them apart is chance, and
# that is why nothing here is ever ranked. What neighbours and schools can lend them is the
# matter of the next notebook.
