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
# # Has it changed?
#
# Two waves, two years apart. The difference of two shares is easy; what it is worth depends
# on the schools that were asked twice, on how many differences one looks at, and on whether
# the question was the same. All data are synthetic.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import mapping as m
from mapping import demo, disclosure, pipeline
from mapping.estimate.design_based import false_calls

workspace = pipeline.open_workspace(demo.at_hand())
first = pipeline.take_in(workspace, workspace.waves[-2])
then = pipeline.take_in(workspace, workspace.waves[-1], before=first.responses)
design = then.wave.design("risk")
names = {id_: indicator.name["en"] for id_, indicator in workspace.indicators.items()}

# %% [markdown]
# ## The change, and the smallest that could have been seen
# A change within its margin of error is not "no change". `smallest_detectable` says how
# large a true change would have had to be for a survey like this to find it four times out
# of five.

# %%
looked_at = ["S04", "S07", "S15", "S22", "S24", "S25"]
change = m.change(first.table, then.table, design, looked_at)
per_cent = ["earlier", "later", "difference", "ci_low", "ci_high", "smallest_detectable"]
change.set_index(change["indicator"].map(names))[per_cent].mul(100).round(1)

# %%
fig, axis = plt.subplots(figsize=(7, 2.8), layout="constrained")
rows, points = (
    range(len(change)),
    100 * change[["difference", "ci_low", "ci_high", "smallest_detectable"]],
)
smallest = points["smallest_detectable"]
axis.barh(rows, 2 * smallest, left=-smallest, color="#e8ebee", height=0.8)
axis.hlines(rows, points["ci_low"], points["ci_high"], color="#35608c", lw=2.5)
axis.scatter(points["difference"], rows, color="#35608c", zorder=3)
axis.axvline(0, color="#222", lw=0.8)
axis.set_yticks(rows, change["indicator"].map(names))
axis.set(
    title="Changes, beside what could not have been seen (grey)", xlabel="percentage points"
)
axis.invert_yaxis()
axis.spines[["top", "right", "left"]].set_visible(False)

# %% [markdown]
# ## The same schools, asked twice
# A school that is high in both waves says little about change. Schools are recognised by
# their pseudonyms, so their likeness is taken out of the uncertainty. Who forgets it gets
# another standard error:

# %%
forgot = m.change(first.table, then.table, design, looked_at, independent=True)
se = pd.DataFrame({"schools recognised": change["se"], "forgotten": forgot["se"]})
(100 * se).set_index(change["indicator"].map(names)).round(2)

# %% [markdown]
# ## Many looks, some by chance
# Of many differences a few look large though nothing has happened. `q` is the p-value
# corrected for the number of looks (Benjamini–Hochberg); the report calls a change where q
# is below 0.10, and says how many calls chance would explain.

# %%
two = [
    t.assign(sex=t["sex"].where(t["sex"].isin(["girl", "boy"])))
    for t in (first.table, then.table)
]
many = m.change(*two, design, list(first.answers.columns[:30]), by="sex")
called = many["q"].lt(0.10).sum()
print(
    f"{len(many)} differences; {many['p'].lt(0.05).sum()} with p below 0.05; {called} called at q below 0.10,"
)
print(f"of which about {false_calls(many):.1f} are expected to be chance.")

# %% [markdown]
# ## A question that was reworded
# S08 was reworded in 2026; `wave.toml` says so. The numbers exist, the comparison does not.
# And only changes between two figures that are both printed leave the gate. What the first
# wave printed stands in the ledger of the workspace; here one is kept in a folder of its
# own.

# %%
policy, ledger = (
    disclosure.read_policy(workspace.municipality.policy),
    Path(tempfile.mkdtemp()),
)
table = pipeline.estimate(workspace, [first])
before = m.protect([table], policy, key=workspace.key, synthetic=True)
entry = disclosure.next_entry(ledger / "reports" / "ledger" / "ledger.jsonl", before)
disclosure.keep_counts(ledger, entry, [table], policy, before)
written = disclosure.enter(ledger, before)

# %%
both = pipeline.estimate(workspace, [first, then])
release = m.protect(
    [both], policy, disclosure.read_earlier(ledger), key=workspace.key, synthetic=True
)
shown = ["indicator", "group", "share_earlier", "share_later", "difference", "verdict"]
printed = pd.DataFrame(release.changes)[shown]
printed.assign(indicator=printed["indicator"].map(names)).set_index(["indicator", "group"])
