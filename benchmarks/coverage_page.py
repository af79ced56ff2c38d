"""The table and the picture of the coverage study."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

INTERVALS = ("wald", "asin", "wilson", "logit", "likelihood", "beta", "auto")
SCHOOLS = {"1": (1, 1), "2": (2, 2), "4": (4, 4), "8": (8, 8), "15–40": (15, 40)}
EVENTS = {"0–½": (0, 0.5), "½–1": (0.5, 1), "1–2": (1, 2), "2–5": (2, 5), "5–10": (5, 10), "10–50": (10, 51)}
COLOURS = {"wald": "#b35806", "wilson": "#998ec3", "logit": "#2166ac", "beta": "#5aae61", "auto": "#1a1a1a"}

TEXT = """# Coverage of the intervals of a prevalence

Made by `python benchmarks/coverage_study.py` ({scenarios} scenarios, {each:,} intervals each; Monte-Carlo error of one
scenario ±{error:.1f} points).

**How it was measured.** Municipalities of 24 districts are drawn again and again. A district has 5 to 200 respondents
in 1 to 40 schools, a prevalence of 0.5 to 30 per cent (districts differ: logit-normal, standard deviation 0.3), schools
with risks of their own (beta distribution) that give a design effect of 1.2 to 8 with an intraclass correlation of at
most 0.6, and weights that vary by 30 per cent. An interval covers when it holds the district's own risk. *Effective
events* are the expected number of events divided by the design effect. Where nothing or everything was an event all
methods give the one-sided exact interval of this package; the peers give none, or one of no width. The arcsine
interval wraps round the circle when t is large: with two schools it is worthless, here as in R.

**What was chosen.** `interval="auto"` is the logit interval; with fewer than 10 effective events or non-events it is
Korn–Graubard's with the larger of the district's own design effect and the one pooled within the districts of the
table. With 15 schools or more and 5 effective events or more it covers at least {bar:.1f} per cent in every scenario
(mean {bar_mean:.1f}). With fewer events it is wider than its level asks for: it does not believe in a sample without
clustering when the other districts show clustering.

**Where it falls short.** With 2 to 4 schools and many events the logit interval covers 92 to 94 per cent: too few
schools for their variance. Rows with fewer than 8 degrees of freedom are marked *uncertain*. When every district of
the municipality has a single school, the sample says nothing of the differences between schools; the assumed
correlation (0.05 for a share of one half, less for a rare one) is enough up to a design effect of about 4, and in the
worst case, 20 respondents at a design effect of 8, the interval covered {single:.0f} per cent. Such rows are labelled
"assumed" or "exact", with the reason, and are *unreliable*.

![Coverage by effective events](pictures/coverage.svg)

## Mean coverage and, in brackets, the lowest of any scenario, per cent

{table}

## Mean width in percentage points

{widths}
"""


def write_page(results: pd.DataFrame, each: int, folder: Path) -> None:
    """Write docs/coverage.md and its picture."""
    results = results.assign(
        schools_class=_classes(results["schools"], SCHOOLS), events_class=_events(results["effective events"])
    )
    bar = results[(results["effective events"] >= 5) & (results["schools"] >= 15)]["auto"]
    text = TEXT.format(
        scenarios=len(results),
        each=each,
        error=196 * (0.05 * 0.95 / each) ** 0.5,
        bar=100 * bar.min(),
        bar_mean=100 * bar.mean(),
        single=100 * results.loc[results["schools"] == 1, "auto"].min(),
        table=_table(
            results, lambda part, name: f"{100 * part[name].mean():.0f} ({100 * part[name].min():.0f})"
        ),
        widths=_table(results, lambda part, name: f"{100 * part[f'{name} width'].mean():.1f}"),
    )
    (folder / "coverage.md").write_text(text, encoding="utf-8")
    _draw(results, folder / "pictures" / "coverage.svg")


def _classes(values: pd.Series, classes: dict[str, tuple[int, int]]) -> pd.Series:
    found = pd.Series("", index=values.index)
    for name, (low, high) in classes.items():
        found = found.mask((values >= low) & (values <= high), name)
    return found


def _events(values: pd.Series) -> pd.Series:
    edges = [0.0, *(high for _, high in EVENTS.values())]
    return pd.cut(values, edges, labels=list(EVENTS), right=False).astype(str)


def _table(results: pd.DataFrame, cell: object) -> str:
    lines = ["| schools | effective events | scenarios | " + " | ".join(INTERVALS) + " |"]
    lines.append("| --- | --- | ---: |" + " ---: |" * len(INTERVALS))
    for schools in SCHOOLS:
        for events in EVENTS:
            part = results[(results["schools_class"] == schools) & (results["events_class"] == events)]
            if len(part):
                cells = " | ".join(cell(part, name) for name in INTERVALS)  # type: ignore[operator]
                lines.append(f"| {schools} | {events} | {len(part)} | {cells} |")
    return "\n".join(lines)


def _draw(results: pd.DataFrame, path: Path) -> None:
    mpl.rcParams["svg.hashsalt"] = "coverage"
    figure, axes = plt.subplots(1, len(SCHOOLS), figsize=(12, 3.4), sharey=True, layout="constrained")
    for axis, schools in zip(axes, SCHOOLS, strict=True):
        part = results[results["schools_class"] == schools]
        for name, colour in COLOURS.items():
            mean = part.groupby("events_class")[name].mean().reindex(list(EVENTS))
            axis.plot(
                range(len(EVENTS)), 100 * mean, color=colour, label=name, lw=2.4 if name == "auto" else 1.2
            )
        lowest = part.groupby("events_class")["auto"].min().reindex(list(EVENTS))
        axis.plot(
            range(len(EVENTS)), 100 * lowest, color=COLOURS["auto"], ls=":", lw=1.2, label="auto, lowest"
        )
        axis.axhline(95, color="#888888", lw=0.8)
        axis.set_xticks(range(len(EVENTS)), list(EVENTS), fontsize=8)
        axis.set_title(f"{schools} school{'' if schools == '1' else 's'} in the district", fontsize=9)
        axis.set_ylim(60, 100.5)
    axes[0].set_ylabel("covered, per cent", fontsize=9)
    axes[2].set_xlabel("effective events", fontsize=9)
    axes[-1].legend(fontsize=8, frameon=False, loc="lower right")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
