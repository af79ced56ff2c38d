"""The page of the replay study."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

__all__ = ["write_page", "write_statement"]

STATED = {
    "shown_small": "shown to be small, %",
    "given_away": "given away, %",
    "not_settled": "not settled, %",
}
TEXT = """# What replaying the program gives away

Made by `python benchmarks/replay_study.py --tables {tables} --keys {keys}`.

**The attacker.** The program is open and does the same whenever its input is the same. Whoever has a publication can
list all tables of whole numbers that agree with it, run the program on each, and strike out those on which it would
have withheld other cells. What is left may be narrower than what the shown cells and the relations alone allow, and
the certificate speaks of those alone.

**How it was measured.** Small tables are drawn at random (inner counts geometric with mean 10, four in ten below 5)
and protected as a release asks: plain tables by `suppress`, yes and no by district and sex by the gate, with bases
of 60 that everybody knows. For each of their publications *all* tables that agree are gone through. A small count
that was withheld is *shown to be small* when every table left has it below 5, and *given away* when all agree on
it. Three replayers: the workspace has no secret key; she knows the key; she does not, tries {keys} keys of her own,
and keeps a table when any of them gives the pattern (more keys keep more tables: these figures are upper limits).
*Not settled* are cells of publications on which the program ran 60 times without an end; *without replay* counts
what the audit alone would find. Cells of one table go together, so twenty tables say little: the first twenty of 2
× 2 that were drawn showed none.

{table}

**What it says.** A pattern tells that *some* rule spoke on one of the withheld cells. She learns on which where
none of the other blanks can be the small one instead: beside printed zeros, in small totals, and where there was a
choice of cells to withhold along with it. `suppress` takes the cheapest in people, and what is cheapest depends on
the counts that it hides. A jitter of the prices by a tenth, known or not, changes little of that. The gate takes
its prices from public sizes, and its search counts on no withheld number; it also withholds zeros of districts like
small counts, so that more tables give the same pattern.

**What would change it.** Tried on 15 tables of 2 × 3 with 28 small cells, key known: with the gate's way of
searching, `suppress` would show 25 instead of 46 % to be small and give none away instead of 11 %, for 15 % more
people hidden. On larger tables the cost grows: 19 % more on a table of 6 × 5, 124 % on 12 districts × sex × grade ×
yes/no. A jitter of up to fourfold (43 %), prices that do not depend on the counts (46 % and more), or searching so
without pruning so (46 %) do little. So plain tables are searched for the least cost, what a replay shows of them is
stated here, and releases go through the gate.
"""


def write_page(rows: pd.DataFrame, tables: int, keys: int, path: Path) -> None:
    """Write the study's table with what it means."""
    head = "| " + " | ".join(rows.columns) + " |"
    line = (
        "| " + " | ".join("---" if column in rows.columns[:2] else "---:" for column in rows.columns) + " |"
    )
    body = [
        "| " + " | ".join(f"{v:.1f}" if isinstance(v, float) else str(v) for v in row) + " |"
        for row in rows.itertuples(index=False)
    ]
    text = TEXT.format(tables=tables, keys=keys, table="\n".join([head, line, *body]))
    path.write_text(text, encoding="utf-8", newline="\n")


def write_statement(rows: pd.DataFrame, path: Path) -> None:
    """Write what a certificate says of replaying, over all tables of the gate, as whole numbers of cells."""
    cells = rows["small cells"]
    text = f"""\
# What running the program on every table that fits tells of small counts that the gate withholds: of `cells`
# counts in a study of small tables, how many can be told to be small, how many exactly, and how many it could not
# settle. Written by benchmarks/replay_study.py (docs/replay.md); every certificate states it.
cells = {cells.sum()}
"""
    for name, column in STATED.items():
        text += f"{name} = {round(float((rows[column] * cells).sum()) / 100)}\n"
    path.write_text(text, encoding="utf-8", newline="\n")
