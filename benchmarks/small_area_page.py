"""The page of the study of small areas: the method in words and formulas, and the tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

TEXT = r"""# Small areas: what ten answers from a district can say

Made by `make study-small-area` (`benchmarks/small_area_study.py`; municipalities drawn by `small_area_worlds.py`).
Every figure in the tables is measured there, on {worlds:,} municipalities with known truth; each scenario says how
many. Where it has fewer than twenty, read differences of 5 points of coverage or 0.3 of RMSE as none.

## In plain words

Half of a municipality's districts may have no pupil who reported a rare event. That is no proof of absence: of 30
pupils none will report what befalls one in fifty, every second time. The model therefore does what a careful reader
would: it starts from the level of the municipality, lets what is known of the place (a covariate, the neighbours,
the years before) shift it, and lets the place's own answers speak by their number. Few answers move little, many
move all the way. What comes out is never a single number: it is all the levels that the answers leave possible, and
from them an interval, the probability of lying above the municipality's level, and a range of ranks.

**Two numbers, never mixed.** *Risk* is what the place does to the pupils it might have; *pupils* is the share among
those on this year's register, of whom most have answered. An interval of one does not hold the other, and asking a
posterior of one for the other is an error (`interval(target=…)`).

## The models

For district *a* with $y_a$ events among $n_a$ answers (effective ones where schools cluster, see below):

- **Beta-binomial** (`beta_binomial`): $p_a \sim \mathrm{{Beta}}(m_a\varphi_a, (1-m_a)\varphi_a)$,
  $\operatorname{{logit}} m_a = \beta_0 + x_a^\top\beta$, $1/(1+\varphi_a) = \tau^2 m_a(1-m_a)$.
- **BYM2** (`bym2`): $\operatorname{{logit}} p_a = \beta_0 + x_a^\top\beta + \tau(\sqrt\varphi\,u_a +
  \sqrt{{1-\varphi}}\,v_a) + \sigma s_k$, with $u$ an intrinsic autoregression over the map scaled to unit variance,
  $v$ and the schools $s$ standard normal; islands and maps in pieces are allowed.
- **Cells** (`mrp`): rows are district × sex × grade, the risk of a district is $\sum_c N_{{ac}}p_{{ac}}/\sum_c
  N_{{ac}}$ over the register.
- **Waves** (`over_waves`): $\operatorname{{logit}} p_{{aw}} = \beta_0 + \gamma_w + x_{{aw}}^\top\beta + b_a + \sigma
  d_{{aw}}$.
- **Pupils** (`finite_population`): $(y_a + Y'_a)/N_a$, where the $N_a - n_a$ who did not answer are binomial with
  the drawn risk of their row; a school that refused is drawn as a school.
- **Sums** (`sums=`): districts whose own counts are withheld enter by the printed sum of their group, $Y_G \sim
  \mathrm{{Bin}}(n_G, \overline{{p_a}})$. This is all the public model has.

Hyperparameters are integrated on fixed nodes, not plugged in; nothing is random, two runs give the same bytes. Priors:
exponential of mean 0.3 for $\tau^2$, uniform for $\varphi$, exponential of mean 0.6 for $\sigma$, Beta(½, ½) for the
level, normal of standard deviation ⅓ (beta-binomial: ½) for a slope per standard deviation of its covariate.

**Intervals.** An interval of risk at level $1-\alpha$ leaves out $0.4\alpha$ at the end towards 0 and $0.15\alpha$ at
the other (for 95 %: 2 % and 0.75 %; above one half the ends change places). Shrinkage pulls the places with the
highest true level down most, they are the ones that matter, and equal tails held them in 70 to 77 of 100 cases. The
tails were set on municipalities of other seeds than those below. An interval of pupils is the shortest with the
probability asked for.

**Which model**, when nobody names one (`default_model`; its first note records the choice): register cells → `mrp`;
otherwise schools, or 20 districts with answers and a map → `bym2`; otherwise `beta_binomial`. The rule reads no
event.

**Schools.** Either counts divided by the district's design effect, from the correlation pooled *within* districts
(`effective_counts`), or a school effect, never both: `beta_binomial` takes no schools, and `bym2` says so when
schools come with counts that are not whole. Where each district has one school the data cannot tell the two apart:
`school_sensitivity` fits correlations of 0.005, 0.02 and 0.05 side by side.

## Against the bars

{bars}

The bars come from a trial of 50 municipalities of which it is known: 60 districts, 10 to 80 respondents, risks of
0.5 to 8 %, 2.6 % in the mean, three of four pupils answering; one mean for all missed the risk by 1.64 points,
direct shares by 3.30, and the pupils by 1.61. The first scenario is drawn so that these come out alike: {mean:.2f},
{direct:.2f} and {pupils:.2f} here. How unlike the schools were is not known, so two strengths are shown.

**How much better could it be?** *Everything known* is the mean of the risk for one who is told the level, the
slope, the variances and the limits that the municipalities were drawn with: no method can have a lower error. The
distance from there to `bym2` is the price of learning them from some fifty events. For pupils there is hardly any:
no method could have missed them by less than {floor:.2f} here. An exact posterior of the same model (elliptical
slice sampling, 40 municipalities) had the same error as the approximation (1.35 and 1.33), and four other sets of
priors changed it by less than 0.01 on 100 municipalities of other seeds than the tables. Only the prior of the
schools mattered: where they are as unlike as in the third scenario, a mean of 0.6 instead of 0.3 took 0.03 off the
error (24 municipalities of other seeds).

## All scenarios

RMSE, bias and mean width in percentage points. *Top* and *low*: coverage of the tenth of districts with the highest
and the lowest true level. *Ranks*: how often the rank interval holds the true rank. *Public*: fitted to what is
printed (at least 30 answers, 5 events and 5 others; of the rest sums by area of about eight districts, or of all
where those are small).

{scenarios}

{tables}

## Coverage by decile of the true level, per cent

{deciles}

## Exceedance: what the classes mean

Share of districts truly above the municipality's level in each class of the probability of being so, in brackets how
many districts are in the class, per cent.

{exceedance}

## What the public model costs

{cost}

## Beside others

Hamiltonian Monte Carlo (nutpie 0.16.8, PyMC 5.28.5; 4 chains of 1,000 draws) on the same model and priors, three
municipalities of 100 areas (`benchmarks/nutpie_peer.py`): means differ by 0.02 to 0.05 points, lower limits by
0.05, upper ones by 0.2 to 0.3, of the size of its own noise there; the error is the same (1.16, 1.04, 1.27 here;
1.15, 1.02, 1.29 there). Seconds of the processor: 0.3 here; there 6 to 18 for compiling and 1.6 to 1.9 for
sampling. R's `sae` is not in Debian and was not at hand.

## Where it falls short

{short}
"""

BARS = {
    ("risk", 0): {
        "rmse": "≤ 1.28",
        "bias": "within ± 0.15",
        "coverage": ".93–.97",
        "top": "≥ .85",
        "width": "–",
    },
    ("pupils", 0): {"rmse": "≤ 1.40", "bias": "–", "coverage": "≥ .93", "top": "≥ .85", "width": "≤ 4.2"},
    ("risk", 1): {"rmse": "≤ 1.45", "bias": "–", "coverage": "≥ .93", "top": "–", "width": "–"},
    ("pupils", 1): {"rmse": "≤ 1.64", "bias": "–", "coverage": "≥ .93", "top": "–", "width": "≤ 4.7"},
}
SHORT = """- `bym2` covers the lowest tenth of districts least: places with the lowest true level are pulled up, and
  their lower limit with them. Of what an interval leaves out, more lies below than above: the highest matter more.
- The highest tenth is covered less often than the rest where nothing but the answers tells districts apart: what no
  answer shows, no model can find. With 12 districts, intervals lean on the prior of the spread between them.
- When the odds of answering depend on the event itself, every method is biased alike; no register mends it.
- For a rare event nearly all districts are withheld. The public model then knows little but the sums: its error is
  about that of one mean for all, its intervals are wide, and it says so by telling few districts apart.
- Ranks: for most districts the interval spans half of the places. There is no league table in them."""
KNOWN = "everything known"  # the name of the floor
CLASSES = ("below 5 %", "5–20 %", "20–80 %", "80–95 %", "above 95 %")


def write_page(results: pd.DataFrame, scenarios: Sequence[Any], folder: Path) -> None:
    """Write docs/small_areas.md."""
    results["top"] = [
        deciles[9] if isinstance(deciles, list) else float("nan") for deciles in results["deciles"]
    ]
    modelled = results[results["coverage"].notna()]
    notes = "\n".join(
        f"- **{s.name}** ({_count(results, s.name)} municipalities): {s.note}." for s in scenarios
    )
    text = TEXT.format(
        worlds=sum(_count(results, s.name) for s in scenarios),
        bars=_bars(results, *(s.name for s in scenarios[:3])),
        mean=_rmse(results, scenarios[0].name, "risk", "one mean for all"),
        direct=_rmse(results, scenarios[0].name, "risk", "direct share"),
        floor=_rmse(results, scenarios[0].name, "pupils", KNOWN),
        pupils=_rmse(results, scenarios[0].name, "pupils", "direct share"),
        scenarios=notes,
        tables="\n\n".join(_table(results[results["scenario"] == s.name], s.name) for s in scenarios),
        deciles=_deciles(modelled),
        exceedance=_exceedance(modelled[modelled["target"] == "risk"]),
        cost=_cost(results),
        short=SHORT,
    )
    (folder / "small_areas.md").write_text(text, encoding="utf-8")


def _count(results: pd.DataFrame, scenario: str) -> int:
    return int(results.loc[results["scenario"] == scenario, "replicates"].iloc[0])


def _bars(results: pd.DataFrame, *scenarios: str) -> str:
    lines = [
        "| scenario | method | target | RMSE | bias | coverage | top tenth | width |",
        "| --- | --- | --- |" + " ---: |" * 5,
    ]
    left_out = results["method"].str.contains("public|ignored|direct|one mean")
    for number, scenario in enumerate(scenarios):
        part = results[(results["scenario"] == scenario) & ~left_out]
        part = part.sort_values("target", ascending=False, kind="stable")
        lines += [
            f"| {scenario} | {row.method} | {row.target} | {_figures(row)} |" for row in part.itertuples()
        ]
        for target in ("risk", "pupils"):
            bar = BARS[target, min(number, 1)]
            lines.append(f"| | *bar* | {target} | " + " | ".join(bar.values()) + " |")
    return "\n".join(lines)


def _rmse(results: pd.DataFrame, scenario: str, target: str, method: str) -> float:
    part = results[(results["scenario"] == scenario) & (results["target"] == target)]
    return float(part.set_index("method")["rmse"][method])


def _figures(row: Any) -> str:
    cells = [_share(row.coverage), _share(row.top), "–" if pd.isna(row.width) else f"{row.width:.2f}"]
    return f"{row.rmse:.2f} | {row.bias:+.2f} | " + " | ".join(cells)


def _share(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.3f}".lstrip("0")


def _table(part: pd.DataFrame, scenario: str) -> str:
    lines = [
        f"### {scenario}",
        "",
        "| target | method | RMSE | bias | coverage | top | low | width | ranks |",
        "| --- | --- |" + " ---: |" * 7,
    ]
    for row in part.sort_values("target", ascending=False, kind="stable").itertuples():
        if isinstance(row.deciles, list):
            cells = [
                _share(row.coverage),
                _share(row.top),
                _share(row.deciles[0]),
                f"{row.width:.2f}",
                _share(row.ranks),
            ]
        else:
            cells = ["–"] * 5
        lines.append(
            f"| {row.target} | {row.method} | {row.rmse:.2f} | {row.bias:+.2f} | " + " | ".join(cells) + " |"
        )
    return "\n".join(lines)


def _deciles(results: pd.DataFrame) -> str:
    lines = ["| scenario | method | target | lowest | " + " | ".join(map(str, range(2, 10))) + " | highest |"]
    lines.append("| --- | --- | --- |" + " ---: |" * 10)
    for row in results.itertuples():
        cells = " | ".join(f"{100 * value:.0f}" for value in row.deciles)
        lines.append(f"| {row.scenario} | {row.method} | {row.target} | {cells} |")
    return "\n".join(lines)


def _exceedance(results: pd.DataFrame) -> str:
    lines = [
        "| scenario | method | " + " | ".join(CLASSES) + " |",
        "| --- | --- |" + " ---: |" * len(CLASSES),
    ]
    for _, row in results.iterrows():
        cells = [
            "–" if pd.isna(above) else f"{100 * above:.0f} ({100 * inside:.0f})"
            for above, inside in zip(row["above"], row["in class"], strict=True)
        ]
        lines.append(f"| {row['scenario']} | {row['method']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cost(results: pd.DataFrame) -> str:
    lines = [
        "| scenario | model | RMSE, full | public | loss | one mean for all |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    risk = results[results["target"] == "risk"].set_index(["scenario", "method"])["rmse"]
    for (scenario, method), public in risk.items():
        if str(method).endswith(", public"):
            model = str(method).removesuffix(", public")
            full, mean = risk[scenario, model], risk[scenario, "one mean for all"]
            lines.append(
                f"| {scenario} | {model} | {full:.2f} | {public:.2f} | {100 * (public / full - 1):.0f} % | {mean:.2f} |"
            )
    return "\n".join(lines)
