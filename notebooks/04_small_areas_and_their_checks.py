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
# # What a model makes of few answers, and whether to believe it
#
# *Taken abroad against one's will, or threatened with it*: rare, so that in most districts
# a handful of pupils said yes. A model lets districts lend each other strength. Before its
# numbers are believed, six questions are asked of it here. All data are synthetic; in the
# end the truth is at hand.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import mapping as m
from mapping import demo, geography, pipeline

BLUE, RUST, GREY = "#35608c", "#a8481f", "#9aa5b1"
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})

workspace = pipeline.open_workspace(demo.at_hand())
intake = pipeline.take_in(workspace, workspace.waves[-1])
districts = workspace.districts
codes = districts.frame["code"]
answers = intake.table.groupby("area")["S22"].agg(["sum", "count"])
answers = answers.reindex(codes, fill_value=0)
events, trials = answers["sum"].to_numpy(float), answers["count"].to_numpy(float)
names = [districts.names()[code] for code in codes]
pairs = geography.adjacency(districts)

# %% [markdown]
# ## The model
# The rule looks at what is known of the districts, never at what pupils said, and writes its
# choice into the fit. Schools matter too; `docs/small_areas.md` says how they enter.

# %%
risk = m.small_area.default_model(events, trials, adjacency=pairs)
print(*risk.notes, sep="\n")

# %% [markdown]
# ## 1 What did it do to each district's own share?
# A line is the model's 95 per cent interval, the grey ring the share as it was answered.

# %%
table = m.small_area.direct_against_model(risk, events, trials)
order = table["model"].sort_values().index
rows = np.arange(len(order))
fig, axis = plt.subplots(figsize=(7, 5.2), layout="constrained")
shown = 100 * table.loc[order]
axis.hlines(rows, shown["low"], shown["high"], color="#c5d3e2", lw=5)
axis.hlines(rows, shown["direct"], shown["model"], color=GREY, lw=1)
axis.scatter(
    shown["direct"], rows, facecolors="white", edgecolors=GREY, zorder=3, label="answered"
)
axis.scatter(shown["model"], rows, color=BLUE, zorder=4, label="model")
axis.axvline(100 * events.sum() / trials.sum(), color=GREY, lw=1, ls=":")
axis.set_yticks(rows, [names[k] for k in order], fontsize=8)
axis.set(
    title="Chance spreads the answers wider than districts differ", xlabel="per cent", xlim=0
)
axis.legend(frameon=False, loc="lower right")
axis.spines["left"].set_visible(False)

# %% [markdown]
# ## 2 Was everyone pulled alike?
# The way to the level of all: from 0 (kept its own share) to 1 (took the common one). Few
# answers go further; so does a district whose neighbours are unlike it. One near the common
# level says nothing about the way, and is left out.

# %%
far = (table["direct"] - events.sum() / trials.sum()).abs() > 0.01
fig, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
axis.scatter(trials[far], table["shrinkage"][far], color=BLUE)
axis.set(
    title="Most districts go about half the way",
    xlabel="answers in the district",
    ylabel="way to the common level",
    ylim=(0, 1),
)
plt.show()

# %% [markdown]
# ## 3 Does a district fall out of the model?
# Residuals in standard deviations that the model expects: one of twenty may lie beyond 2. They
# rise to the right, for the model believes half of what is high. On the right the probability
# of a count as high as was seen. The model has seen the counts, so the middle is full; what
# would alarm is a heap at an end.

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 3.2), layout="constrained")
left.axhspan(-2, 2, color="#eef2f6", lw=0)
left.scatter(100 * table["model"], table["residual"], color=BLUE)
left.set(title="Residuals", xlabel="model, per cent", ylabel="standard deviations")
right.hist(table["tail"], bins=np.linspace(0, 1, 6), color=BLUE, edgecolor="white")
right.set(
    title="Chance of a count as high",
    xlabel="probability",
    ylabel="districts",
)
plt.show()

# %% [markdown]
# ## 4 Is there a pattern left on the map?
# Moran's I of the residuals, among a thousand deals of the same residuals to districts at
# random.

# %%
index, expected, sd = m.small_area.morans_i(table["residual"], pairs)
dealer = np.random.default_rng(1)
dealt = [
    m.small_area.morans_i(dealer.permutation(table["residual"]), pairs)[0] for _ in range(1000)
]
fig, axis = plt.subplots(figsize=(7, 2.8), layout="constrained")
axis.hist(dealt, bins=40, color="#c5d3e2")
axis.axvline(index, color=RUST, lw=2)
axis.set(
    title=f"Moran's I is {index:.2f}: {abs(index - expected) / sd:.1f} standard deviations off",
    xlabel="I",
    yticks=[],
)
axis.spines["left"].set_visible(False)

# %% [markdown]
# ## 5 What did the answers teach, and what was believed before?
# A district without answers knows only what the others say. Beside it, what its own answers
# added: where the two curves lie on each other, the answers taught nothing.

# %%
most, least = int(np.argmax(trials)), int(np.argmin(trials))
grid = np.linspace(0.001, 0.15, 60)
fig, axes = plt.subplots(1, 2, figsize=(7, 2.8), sharey=True, layout="constrained")
for axis, at in zip(axes, (most, least), strict=True):
    others = np.arange(len(trials)) != at
    before = m.small_area.default_model(events * others, trials * others, adjacency=pairs)
    for fit, colour, word in ((before, GREY, "before"), (risk, BLUE, "after")):
        density = np.gradient([fit.marginals.cdf(value)[at] for value in grid], grid)
        axis.plot(100 * grid, density, color=colour, lw=2, label=word)
    axis.set(
        title=f"{names[at]}, {trials[at]:.0f} answers", xlabel="per cent", yticks=[], xlim=0
    )
    axis.spines["left"].set_visible(False)
axes[0].legend(frameon=False)
plt.show()

# %% [markdown]
# ## 6 Do the others foretell each district, and does one steer them all?
# Each district is left out in turn and foretold from the others. A line is what as many
# answers could show; a point outside it is a surprise. *Influence* is how far one district
# moves another, at most, in standard deviations; *learned* the part of its variance that its
# own answers took away, below 0 where they surprised so much that they left it less certain.

# %%
left_out = m.small_area.leave_one_out(
    lambda y, n: m.small_area.default_model(y, n, adjacency=pairs), events, trials
)
left_out["name"] = [names[k] for k in left_out["area"]]
order = left_out["without"].sort_values().index
part, rows = left_out.loc[order], np.arange(len(order))
held = part["direct"].between(part["low"], part["high"])
fig, axis = plt.subplots(figsize=(7, 5.2), layout="constrained")
axis.hlines(rows, 100 * part["low"], 100 * part["high"], color="#c5d3e2", lw=5)
axis.scatter(100 * part["direct"], rows, color=np.where(held, BLUE, RUST), zorder=3)
axis.set_yticks(rows, part["name"], fontsize=8)
axis.set(
    title=f"{held.sum()} of {len(held)} districts are as the others foretold",
    xlabel="per cent who answered yes",
    xlim=-0.3,
)
axis.spines["left"].set_visible(False)

# %%
columns = ["name", "direct", "without", "surprise", "learned", "influence"]
left_out.nlargest(5, "influence")[columns].round(3)

# %% [markdown]
# ## And the truth?
# Of real pupils nobody knows. The synthetic municipality is drawn again here with the risk of
# every district.

# %%
truth = demo.build(Path(tempfile.mkdtemp()), size="city").risk
true = truth.query("wave == @intake.wave.id and indicator == 'S22' and group == 'all'")
share = true.set_index("area")["share"].reindex(codes).to_numpy()
low, high = risk.interval(target="risk").T
error = {
    "answered": events / trials - share,
    "one level for all": events.sum() / trials.sum() - share,
    "model": risk.mean - share,
}
missed = pd.Series({key: 100 * np.sqrt((value**2).mean()) for key, value in error.items()})
print(f"{((low <= share) & (share <= high)).sum()} of {len(share)} intervals hold the truth.")
missed.rename("off by, in points").round(2).to_frame()

# %% [markdown]
# ## What can be said of a district
# The probability that it lies above the municipality's level. In the middle it cannot be told
# apart, and that is an answer too. There is no ranking: of most districts the place could be
# nearly any.

# %%
above, ranks = risk.exceedance(), risk.rank_intervals()
classes = pd.cut(
    above,
    [0, 0.05, 0.2, 0.8, 0.95, 1],
    labels=["below", "probably below", "cannot be told apart", "probably above", "above"],
    include_lowest=True,
)
spans = np.median(ranks[:, 1] - ranks[:, 0] + 1)
print(f"The rank of the middle district may be any of {spans:.0f} places of {len(above)}.")
pd.Series(classes).value_counts(sort=False).rename("districts").to_frame()
