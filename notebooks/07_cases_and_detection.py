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
import pandas as pd

import mapping as m
from mapping import demo, disclosure, pipeline
from mapping.estimate.cases import case_rates

workspace = pipeline.open_workspace(demo.at_hand())
intake = pipeline.take_in(workspace, workspace.waves[-1])
names = {id_: indicator.name["en"] for id_, indicator in workspace.indicators.items()}

# %% [markdown]
# ## An extract is counted as it is read
# Several rows of one case count once. A case of honour-related violence within a
# relationship stands in both K01 and K02. No row of the extract is kept, and the counts do
# not print themselves.

# %%
cases = intake.cases
print(cases)
for note in cases.notes:
    print("·", note)

# %%
print("from", *intake.wave.cases.period)
pd.Series(cases.totals, name="counted").rename(names).rename_axis(
    "what services learned of"
).to_frame()

# %% [markdown]
# ## Rates, for areas of different size
# Cases per 10,000 of those among whom they were counted, with exact limits. Here the
# register's pupils stand in for the inhabitants, for want of a better register in the demo.
# A rate is not a prevalence: where it is high, services may simply see better.

# %%
area = workspace.districts.areas[3].set_index("code")["area_name"]
register = workspace.districts.population
counted = cases.frame[cases.frame["indicator"].eq("K01")]
pupils = register.groupby(register["code"].map(area))["n"].sum()
known = (
    counted.groupby(counted["area"].map(area))["n"].sum().reindex(pupils.index, fill_value=0)
)
case_rates(known, pupils).set_axis(pupils.index.rename("area")).head(6).round(0).astype(int)

# %% [markdown]
# ## Counts of cases are protected too
# 1 to 9 are withheld (the gravest: 1 to 19), and with them what would give them away.

# %%
policy = disclosure.read_policy(workspace.municipality.policy)
release = m.protect(
    [pipeline.estimate(workspace, [intake])], policy, key=workspace.key, synthetic=True
)
release.table(indicator="K01", level="area")

# %% [markdown]
# ## How much is not detected?
# For every person services know of, how many pupils say in the survey that they are exposed?
# The survey's total, with its limits, over the count that may be printed. It is a range,
# never a number, and rough: services know people of all ages, the survey knows two grades,
# and a case is not a person.

# %%
exposed = m.total(intake.table, intake.wave.design("pupils"), "S15").iloc[0]
low, high = exposed["ci_low"], exposed["ci_high"]
count = release.one(indicator="K01", level="municipality").count
print(f"{names['S15']}, by the survey: {low:.0f} to {high:.0f} pupils of two grades.")
print(f"{names['K01']}, of all ages: {count}.")
print(
    f"For each case the survey suggests between {low / count:.1f} and {high / count:.1f} pupils."
)

# %% [markdown]
# The report says this in one sentence, with the reservation that belongs to it: the number
# of cases shows what is detected, not how common it is. More cases after a campaign can be
# good news.
