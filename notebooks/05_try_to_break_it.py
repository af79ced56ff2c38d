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
# # Try to break it
#
# A blank cell protects nobody if it follows from the cells around it. Here you are the
# attacker: first of a small table, then of two that were published one after the other, then
# of a whole release. All data are synthetic.

# %%
from dataclasses import replace

import pandas as pd

import mapping as m
from mapping import demo, disclosure, pipeline
from mapping.errors import SealError

# %% [markdown]
# ## 1 One blank is no blank
# Three areas, girls and boys, with their sums. The two girls of Berga may not be printed, so
# that cell is left empty.

# %%
counts = pd.DataFrame(
    {"girls": [14, 2, 21], "boys": [9, 12, 7]},
    index=pd.Index(["Alby", "Berga", "Centrum"], name="area"),
)
whole = counts.assign(all=counts.sum(axis=1))
whole.loc["all"] = whole.sum()
value = {f"{area}, {sex}": int(n) for (area, sex), n in whole.stack().items()}
rows = [[[f"{a}, all", -1], [f"{a}, girls", 1], [f"{a}, boys", 1]] for a in whole.index]
columns = [
    [[f"all, {s}", -1], *([f"{a}, {s}", 1] for a in counts.index)] for s in whole.columns
]
sums = {"relations": [{"terms": terms} for terms in rows + columns]}


def printed(blank):
    """The table as a reader sees it."""
    seen = [None if cell in blank else n for cell, n in value.items()]
    return pd.DataFrame({"cell": list(value), "value": seen})


m.audit(printed(["Berga, girls"]), sums).leaks

# %% [markdown]
# It took one subtraction. `m.suppress` finds the cheapest further blanks after which nobody
# can tell:

# %%
cells = pd.DataFrame({"cell": list(value), "value": list(value.values())})
cells["primary"] = cells["cell"].eq("Berga, girls").astype(int)
pattern = m.suppress(cells, sums)
verdict = m.audit(printed(pattern.withheld), sums)
print("leaks:", verdict.leaks or "none")
seen = pd.Series({c: "not shown" if c in pattern.withheld else n for c, n in value.items()})
seen.index = pd.MultiIndex.from_tuples([tuple(cell.split(", ")) for cell in value])
seen.unstack(sort=False).style.map(
    lambda cell: "background: #ddd" if cell == "not shown" else ""
)

# %% [markdown]
# What she can still say of each blank is a wide interval:

# %%
pd.DataFrame(verdict.intervals, index=["at least", "at most"]).T.astype(int)

# %% [markdown]
# ## 2 What was printed before is known for ever
# Last year's table held Berga as a whole. This year it is split in two. If the larger half
# is printed, the smaller follows.

# %%
places = ["Berga, last year", "Berga Norra", "Berga Södra"]
later = pd.DataFrame({"cell": places, "value": [14, 12, None]})
m.audit(later, {"relations": [{"terms": list(zip(places, [-1, 1, 1], strict=True))}]}).leaks

# %% [markdown]
# That is why `protect` asks for every earlier release, and why a ledger keeps all that was
# ever printed.
#
# ## 3 A whole release
# All that is planned, at three levels and for both sexes, tied together. Why is a cell withheld?
# That is for your eyes only; a reader learns that it is not shown, and never why.

# %%
workspace = pipeline.open_workspace(demo.at_hand())
table = pipeline.estimate(workspace, [pipeline.take_in(workspace, workspace.waves[-1])])
policy = disclosure.read_policy(workspace.municipality.policy)
why = pd.Series(disclosure.why_withheld([table], policy, key=workspace.key))
why[why.ne("")].value_counts().rename_axis("rule").to_frame("cells")

# %%
release = m.protect([table], policy, key=workspace.key, synthetic=True)
release.table(indicator="S22", target="pupils", group="all")

# %% [markdown]
# ## 4 Go round the gate
# Draw the unprotected table? Fill in a figure by hand? Unseal the release and seal it again?

# %%
withheld = next(figure for figure in release if figure.status.value == "withheld")
attempts = {
    "draw the estimates": lambda: m.draw_map(
        table,
        workspace.districts,
        workspace.indicators["S04"],
        wave="2026",
        language="en",
        kind="estimate",
    ),
    "write into a blank": lambda: replace(withheld, share=9.0),
    "forge a release": lambda: replace(release, figures=release.figures[:3]),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except SealError as refusal:
        print(f"{name}: {refusal}")

# %% [markdown]
# ## Your turn
# `python -m mapping audit` attacks the written files of a release, and `python -m mapping
# verify` checks its certificate by multiplication alone. `docs/disclosure.md` says what is
# promised and what is not. If you break it, tell us: `SECURITY.md` says how.
