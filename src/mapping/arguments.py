"""The commands and options of `mapping`, as they are typed; what each does is in `cli`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Never

from mapping import __version__

__all__ = ["BAD_INPUT", "BUNDLE", "CODEBOOK", "make_parser"]

CODEBOOK = Path("build") / "codebook"
BUNDLE = Path("build") / "bundle"
BAD_INPUT = 3  # of the commands on plain tables, whose other codes are verdicts


class _Parser(argparse.ArgumentParser):
    """A parser whose wrong use ends with a code of its own."""

    wrong_use = 2

    def error(self, message: str) -> Never:
        self.print_usage(sys.stderr)
        self.exit(self.wrong_use, f"{self.prog}: {message}\n")


def make_parser() -> _Parser:
    """The parser of `mapping`, with every command and option."""
    parser = _Parser(
        prog="mapping",
        description="From school surveys and case extracts to protected prevalence maps and board reports.",
    )
    parser.add_argument("--version", action="version", version=f"mapping {__version__}")
    parser.add_argument(
        "--workspace", type=Path, default=Path(), help="the folder of a municipality (default: here)"
    )
    parser.add_argument("--debug", action="store_true", help="show the full traceback of an error")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    rebuild = commands.add_parser("rebuild", help="make maps and reports of every wave that needs it")
    rebuild.add_argument(
        "--wave", action="append", default=None, help="only this wave (may be given several times)"
    )

    commands.add_parser("check", help="read all inputs and say what is wrong; write nothing")

    preview = commands.add_parser(
        "preview", help="what a report would withhold and why, for your eyes only; write nothing"
    )
    preview.add_argument("--wave", default=None, help="the wave (default: the last)")

    draft = commands.add_parser("new-wave", help="draft a wave.toml for a survey file")
    draft.add_argument("file", type=Path, help="the survey file")
    draft.add_argument(
        "--id", default="", help="name of the wave (default: the year found in the file's name)"
    )
    draft.add_argument(
        "--form", type=Path, default=None, help="the filled-in wave-form.xlsx: write wave.toml as it decides"
    )

    codebook = commands.add_parser("codebook", help="write the codebook as a page to read and as open data")
    codebook.add_argument(
        "--into", type=Path, default=CODEBOOK, help=f"folder to write it into (default: {CODEBOOK})"
    )
    codebook.add_argument("--language", choices=("sv", "en"), action="append", help="only this language")

    audit = commands.add_parser("audit", help="attack the written reports of a wave")
    audit.add_argument("reports", nargs="*", type=Path, help="folders such as reports/2026 (default: all)")

    _add_table_commands(commands)

    verify = commands.add_parser("verify", help="check the certificate of a release by multiplication alone")
    verify.add_argument("releases", nargs="+", type=Path, help="reports/2026/release.json, for instance")

    told = commands.add_parser("publish-note", help="record a figure that was told outside the reports")
    told.add_argument("cell", help="its key in tables/figures.csv, such as '2026|S04|district|019701|all'")
    said = told.add_mutually_exclusive_group(required=True)
    said.add_argument("--share", help="the share in per cent, as it was said: 12 or 12,5")
    said.add_argument("--count", type=int, help="the number of persons who said yes, or of cases")

    forget = commands.add_parser("forget", help="erase what is known of a wave beyond what it printed")
    forget.add_argument("wave", help="its name, such as 2024")
    forget.add_argument("--yes", action="store_true", help="do not ask (for scripts)")

    why = commands.add_parser("why", help="what an output was made from, and whether that has changed since")
    why.add_argument("file", type=Path, help="a file or folder below reports/ of a workspace")

    dpia = commands.add_parser(
        "dpia", help="draft the questions of the data protection assessment, in Swedish"
    )
    dpia.add_argument(
        "--into", type=Path, default=None, help="folder to write into (default: dpia/ of the workspace)"
    )

    bundle = commands.add_parser("bundle", help="fetch all that a Windows machine without network needs")
    bundle.add_argument("--into", type=Path, default=BUNDLE, help=f"folder to write (default: {BUNDLE})")
    bundle.add_argument("--python", default=sys.executable, help="a Python that has pip (default: this one)")

    demo = commands.add_parser("demo", help="write the synthetic municipality as a workspace")
    demo.add_argument("--size", choices=("city", "town"), default="city")
    demo.add_argument("--into", type=Path, default=None, help="folder to write it into")
    return parser


def _add_table_commands(commands: argparse._SubParsersAction[_Parser]) -> None:
    """What works on plain tables, without a workspace; the format is in docs/tables.md."""
    hide = commands.add_parser("suppress", help="withhold cells of a table, so that none can be worked out")
    hide.add_argument("cells", type=Path, help="cells.csv: cell, value, primary[, status, lo, hi, …]")
    hide.add_argument("relations", type=Path, help="relations.json: how the cells add up")
    hide.add_argument("-o", "--out", type=Path, required=True, help="the table to publish")
    hide.add_argument(
        "--policy", type=Path, default=None, help="what is required (TOML); default: as a release"
    )

    attack = commands.add_parser(
        "audit-table", help="what follows about the empty cells of a published table"
    )
    attack.add_argument(
        "published", type=Path, help="published.csv: cell, value[, lo, hi]; empty is withheld"
    )
    attack.add_argument(
        "relations", type=Path, help="relations.json: how the cells add up, what else is printed"
    )
    attack.add_argument(
        "--known-min", type=int, default=0, metavar="M", help="every blank is known to be at least M"
    )
    attack.add_argument("--truth", type=Path, default=None, help="cell, value[, lpl, upl]: check against it")
    attack.add_argument(
        "--insider",
        default=None,
        metavar="CELL|ALLONES",
        help="the only person of a cell attacks (needs --truth)",
    )
    for parser in (hide, attack):
        parser.wrong_use = BAD_INPUT
        parser.set_defaults(parser=parser)
