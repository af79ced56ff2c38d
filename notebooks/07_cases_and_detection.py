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
# # What services know of
#
# Social services count cases; the survey counts pupils who say that they are exposed. The
# two never agree, and that is the point: between them lies what is not detected. All data
# are synthetic.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import mapping as m
from mapping import demo, disclosure, pipeline
from mapping.estimate.cases import case_rates
from mapping.estimate.cases import detection as detected

workspace = pipeline.open_workspace(demo.at_hand())
intake = pipeline.take_in(workspace, workspace.waves[-1])
cases = intake.cases
names = {id_: indicator.name["en"] for id_, indicator in workspace.indicators.items()}

# %% [markdown]
# ## What is counted: cases, persons, children
# An extract is counted as it is read, each indicator in its own unit. A case with several
# rows counts once, a person once however many cases. The same events give different numbers,
# so a number without its unit means nothing.

# %%
shown = ["K01", "K02", "K01+K02", "K03", "K05", "K08"]
units = [getattr(workspace.indicators[id_], "unit", "case") for id_ in shown]
counted = pd.DataFrame({"counted": [cases.totals[id_] for id_ in shown], "unit": units})
pd.options.display.max_colwidth = 100
counted.set_index(pd.Index([names[id_] for id_ in shown], name="what services learned of"))

# %% [markdown]
# What the extract cannot tell is said, with what to ask for:

# %%
for reason in cases.refused.values():
    print("·", reason)

# %% [markdown]
# ## Earlier years, and where they break
# A new case system counts otherwise. The line ends where the series breaks, and starts anew;
# a year that is missing leaves a gap.

# %%
years = cases.series[cases.series["measure"].eq("K01")]
fig, axis = plt.subplots(figsize=(7, 2.8), layout="constrained")
for _, part in years.groupby("run"):
    axis.plot(part["label"].astype(int), part["value"], "o-", color="#35608c")
axis.axvline(2020.5, color="#a8481f", ls=":")
axis.text(2020.6, 20, "new case system", color="#a8481f")
axis.set(title=names["K01"], ylim=0, ylabel="cases a year")
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## Rates, for areas of different size
# Cases per 10,000 inhabitants, with exact limits. A rate of cases is not a prevalence: where
# it is high, services may simply see better.

# %%
area = workspace.districts.areas[3].set_index("code")["area_name"]
people = cases.population.groupby(cases.population["area"].map(area))["n"].sum()
one = cases.frame[cases.frame["indicator"].eq("K01")]
known = one.groupby(one["area"].map(area))["n"].sum().reindex(people.index, fill_value=0)
case_rates(known, people).set_axis(people.index.rename("area")).head(6).round(1)

# %% [markdown]
# ## Two sources know more than one
# Pupil health and social services share keys, so persons known to both count once. A
# helpline that only gives a number cannot be joined: the truth then lies between "all the
# same persons" and "all others".

# %%
cases.overlap

# %% [markdown]
# ## Counts of cases are protected too
# 1 to 9 are withheld (the gravest: 1 to 19), and with them what would give them away.

# %%
policy = disclosure.read_policy(workspace.municipality.policy)
tables = [pipeline.estimate(workspace, [intake])]
release = m.protect(tables, policy, key=workspace.key, synthetic=True)
release.table(indicator="K01", level="area")

# %% [markdown]
# ## How much is not detected?
# For every person services know of, how many does the survey suggest? Only where both mean
# the same: people, the same definition, the same year, the same ages, the same rule of where
# they belong. Here they do not, and the program says so:

# %%
services, survey = detected.scopes(intake.wave)
print("They differ in:", ", ".join(detected.comparable(services, survey)))

# %% [markdown]
# What a ratio would look like if they agreed, with the uncertainty of both, for a made-up
# count of 30 persons:

# %%
share = m.prevalence(intake.table, intake.wave.design("pupils"), "S15").iloc[0]
pupils = int(intake.responses.response["registered"].sum())
exposed = detected.Estimated.from_share(
    share["estimate"], share["ci_low"], share["ci_high"], pupils
)
ratio = detected.detection_ratio(30, exposed)
middle, low, high = ratio.exposed_per_known
print(f"For every person known to services between {low:.0f} and {high:.0f} exposed pupils.")

# %% [markdown]
# The report prints such a sentence only where both sides agree; otherwise the two stand side
# by side, each with what it is about. More cases after a campaign can be good news: the
# number shows what is detected, not how common it is.
