"""Checks the certificate in release.json by multiplication alone: `python verify.py reports/2026/release.json`.

The standard library only, no code shared with the program that made the release. Every table of whole numbers
in the certificate must agree with all that is printed, now and in releases before; together they must show that no
count that is not printed can be told to be small. Exit code: 0 it holds; 1 it does not.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["check", "main"]

GRAVE = {"K03.disability", "K03.hbtq", "K07", "K08", "K09", "K10", "K11", "K12", "K14", "S16", "S17",
         "S18", "S19", "S20", "S22", "S23", "S24", "S26", "S27", "S28"}  # fmt: skip
SMALL = (
    ("small_count", 4),
    ("small_count_class4", 9),
    ("case_small_count", 9),
    ("case_small_count_class4", 19),
)
HEAVIEST = 2.0  # shares are weighted: how many times heavier yes may weigh than no, or no than yes


def need(holds: object, fault: str) -> None:
    """Stop unless something holds."""
    if not holds:
        raise ValueError(fault)


def printed(folder: Path, release: Any) -> Iterator[tuple[int, str, str, Any]]:
    """Every printed row of this release and those before it: release, cell with the wave's version, target, row."""
    table = (folder / "tables" / "figures.csv").read_bytes()
    same = hashlib.sha256(table).hexdigest() == release["files"]["tables/figures.csv"]
    need(same, "tables/figures.csv is not the file that was released")
    rows = csv.DictReader(table.decode().splitlines())
    figures = {
        f"{row['key']} {row['target']}": {n: v for n, v in row.items() if v not in ("", "NA")} for row in rows
    }
    ledger, number, before = folder.parent / "ledger" / "ledger.jsonl", release["sequence"], "0" * 64
    lines = ledger.read_text("utf-8").splitlines()[:number] if ledger.exists() else []
    releases = [json.loads(line) for line in lines]
    for at, line in enumerate(lines):
        need(releases[at]["previous"] == before, f"line {at + 1} of the ledger was changed")
        before = hashlib.sha256(line.encode()).hexdigest()
    need(len(releases) >= number - 1, "the ledger does not hold all releases before this one")
    for name, said in (releases[number - 1]["figures"] if len(releases) == number else {}).items():
        own = figures.get(name, {})
        same = all(own.get(part, "") == str(said.get(part, "")) for part in ("status", "base", "count"))
        need(
            same and float(own.get("share", -1)) == said.get("share", -1),
            f"{name}: the ledger says otherwise",
        )
    releases[number - 1 :] = [{"wave": release["wave"], "figures": figures}]
    for at, entry in enumerate(releases, 1):
        for name, said in entry["figures"].items():
            key, target = name.removeprefix("'").rsplit(" ", 1)
            for wave in key.split("|")[0].split("+"):  # waves counted anew since have other cells now
                then = max((n for n, e in enumerate(releases[:at], 1) if e["wave"] == wave), default=0)
                key += release["certificate"]["outdated"].get(str(then), "")
            if said["status"] != "not_asked":
                yield at, key, target, said


def heaviness(counts: Sequence[int], said: Any, least: int) -> float:
    """How many times heavier yes or no must weigh for counts to print so; infinite where no weights make them."""
    if "count" in said:
        return 1.0 if counts[0] == int(said["count"]) else float("inf")
    (yes, no), (first, *last) = counts, map(int, re.findall(r"\d+", said.get("base", "0")))
    if yes + no < first or (last and yes + no > last[0]) or no < least:
        return float("inf")
    if said["status"] == "none_known":
        return 1.0 if yes == 0 else float("inf")
    step = 10 ** int(said.get("decimals", 0))
    ends = {"share": said["share"], "low": said.get("low", 0), "high": said.get("high", 100)}
    share, low, high = (round(float(number) * step) for number in ends.values())
    if yes < least or not low * (yes + no) <= 100 * step * yes <= high * (yes + no):
        return float("inf")
    # the share is printed to the nearest step
    lighter: float = (2 * share - 1) * no / (200 * step - 2 * share + 1) / max(yes, 1e-9)
    heavier: float = (200 * step - 2 * share - 1) * yes / (2 * share + 1) / max(no, 1e-9)
    return max(1.0, lighter, heavier)


def tables_of(proof: Any) -> list[Any]:
    """The base table and the witnesses: of each cell [yes, no], of case extracts [cases]."""
    tables = [list(proof["base"]) for _ in range(1 + len(proof["witnesses"]))]
    for table, witness in zip(tables[1:], proof["witnesses"], strict=True):
        for number, *moved in witness:
            table[number] = [a + b for a, b in zip(table[number], moved, strict=True)]
    return tables


def nested(place: dict[str, int]) -> Iterator[Any]:
    """Whatever a release states: districts, and areas, are parts of the municipality; "elsewhere" is the rest."""
    inside: dict[tuple[str, ...], list[str]] = {}
    for key in place:
        wave, indicator, level, _, group = key.split("|")
        inside.setdefault((wave, indicator, group, level), []).append(key)
    for (*what, level), parts in inside.items():
        if level != "municipality" and (whole := inside.get((*what, "municipality"))):
            rest = any(key.split("|")[3] == "elsewhere" for key in parts)
            terms = [[whole[0], -1], *([key, 1] for key in parts)]
            yield {"terms": terms, "sense": "=" if rest else "<=", "counts": ["events", "complement"]}


def relate(relations: Sequence[Any], place: dict[str, int], tables: Sequence[Any]) -> None:
    """Every relation must hold in every table."""
    for relation in relations:
        terms = [(place[key], value) for key, value in relation["terms"]]
        for side in (count == "complement" for count in relation["counts"]):
            for table in tables:
                if all(len(table[cell]) > side for cell, _ in terms):
                    total = sum(value * table[cell][side] for cell, value in terms)
                    fits = {"=": total == 0, "<=": total <= 0, ">=": total >= 0}[relation["sense"]]
                    need(fits, f"a table breaks the relation of {relation['terms'][0][0]}")


def kind_of(indicator: str, proof: Any, cases: set[str]) -> int:
    """The place of its threshold in SMALL; an indicator that is known to be of class 4 cannot be called otherwise."""
    grave = any({part, part.split(".")[0]} & GRAVE for part in indicator.split("+"))
    return 2 * (indicator in cases) + (grave or proof["classes"].get(indicator, 4) > 3)


def check(folder: Path) -> str:
    """What the certificate of the release in `folder` shows, in a sentence; ValueError where it does not hold."""
    release = json.loads((folder / "release.json").read_text("utf-8"))
    need(release.get("certificate"), "release.json holds no certificate")
    proof, policy = release["certificate"], release["policy"]
    need(all(policy[name] >= least for name, least in SMALL), "the policy is laxer than the default")
    place, tables = {key: number for number, key in enumerate(proof["cells"])}, tables_of(proof)
    need(len(place) == len(proof["cells"]) == len(tables[0]), "a cell stands twice, or has no counts")
    stated = [*release["relations"], *proof["relations"]]
    relate([*stated, *nested(place)], place, tables)
    related = {key for relation in stated for key, _ in relation["terms"]}
    alone = [key for key in place if key not in related and key.split("|")[2::2] != ["municipality", "all"]]
    need(not alone, f"{', '.join(alone)}: no relation says what it is part of")
    rows: dict[str, list[Any]] = {key: [] for key in place}
    cases = set()
    for at, key, target, said in printed(folder, release):
        need(key in rows, f"{key}: a printed cell is missing from the certificate")
        rows[key].append((said, at < release["sequence"], target))
        cases |= {key.split("|")[1]} if target == "cases" else set()
    heaviest, floor, blank = 1.0, 1, []
    for key, number in place.items():
        wave, indicator, level, area, _ = key.split("|")
        counts, kind = [table[number] for table in tables], kind_of(indicator, proof, cases)
        sides = 2 - (kind > 1)
        whole = all(len(c) == sides and all(type(n) is int and n >= 0 for n in c) for c in counts)
        need(whole, f"{key}: a count is negative, not whole, or missing")
        most = proof["at_most"].get(f"{wave}|{level}|{area}") if sides == 2 else None
        need(most is None or max(map(sum, counts)) <= most, f"{key}: more people than there are")
        name, default = SMALL[kind]
        shown = [row for row in rows[key] if row[0]["status"] in ("shown", "none_known")]
        for said, old, target in shown:  # what was told outside the reports no rule has decided on
            least = 0 if target == "told" else 1 + (default if old else policy[name])
            heaviest = max(heaviest, *(heaviness(c, said, least) for c in counts))
            need(heaviest <= HEAVIEST, f"{key}: a table does not agree with what is printed")
        if not shown:  # where zeros are printed, a blank is taken to be at least 1
            zeros = bool(rows[key]) and (level == "municipality" or (level == "area" and sides == 2))
            low, high = min(c[0] for c in counts), [max(c[side] for c in counts) for side in range(sides)]
            floor = min(floor, low) if zeros else floor
            blank.append((key, bool(rows[key]), low, zeros, high, policy[name] + 1, most))
    short: list[Any] = []
    for key, withheld, low, zeros, high, goal, most in blank:
        for side, reached in zip(("yes", "no"), high, strict=False):
            excused = reached >= goal or not withheld or (most is not None and most < goal)
            need(excused, f"{key}: no table shows that it could be {goal} or more")
            short += [[key, side, "high", reached]] * (reached < goal)
        short += [[key, "yes", "low", low]] * (low > floor * zeros)
    need(sorted(short) == sorted(proof["short"]), "what is said to be out of reach is not what is")
    hidden, replay = sum(cell[1] for cell in blank), proof["replay"]
    return (
        f"wave {release['wave']}: the certificate holds. {len(tables)} tables of whole numbers agree with all that is "
        f"printed (shares: weights of 1 to {heaviest:.2f}). Each of {hidden} withheld cells is at its threshold or "
        f"above in one of them; {len(blank) - hidden} cells are never shown. Of {len(short)} counts, listed under "
        '"short", a reader can tell more. Whoever runs the program on every table that fits could tell '
        f"{replay['shown_small']} of {replay['cells']} small counts of a study to be small."
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Say whether the certificates hold; returns the exit code."""
    status = 0
    for name in sys.argv[1:] if argv is None else argv:
        path = Path(name)
        try:
            said = check(path if path.is_dir() else path.parent)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, ZeroDivisionError) as error:
            said, status = f"{path}: the certificate does not hold: {error or type(error).__name__}", 1
        sys.stdout.write(f"{said}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
