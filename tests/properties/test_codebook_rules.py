"""Laws of the compiler of rules: random rules against a slow reading of the same text, row by row."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from mapping.codebook.checks import entails
from mapping.codebook.entry import Entry
from mapping.codebook.evaluation import evaluate
from mapping.codebook.rules import Rule, RuleError, Tree, parse
from mapping.concepts.question import Question

QUESTIONS = {
    "q_yes": Question("q_yes", {}, answers={"yes": {}, "no": {}}),
    "q_how": Question("q_how", {}, answers={"own": {}, "part": {}, "none": {}}),
    "q_box": Question("q_box", {}, boxes={"a": {}, "b": {}, "none": {}}),
}
COLUMNS = {name: codes for q in QUESTIONS.values() for name, codes in q.columns().items()}
SILENT = ("unsure", "declined", "skipped")
PLAIN = settings(max_examples=120, deadline=None, phases=[p for p in Phase if p is not Phase.explain])

POOL = [
    ("in", "q_yes", ("yes",)),
    ("in", "q_how", ("none",)),
    ("in", "q_box_a", ("yes",)),
    ("in", "q_box_b", ("yes",)),
]

# a rule as data: what the text is written from, and what the slow reading reads
Node = tuple[Any, ...]


def nodes() -> st.SearchStrategy[Node]:
    single = st.sampled_from(["q_yes", "q_how", "q_box_a", "q_box_b"]).flatmap(
        lambda column: st.tuples(
            st.sampled_from(["in", "not in"]),
            st.just(column),
            st.lists(st.sampled_from(COLUMNS[column]), min_size=1, unique=True).map(
                lambda codes: tuple(sorted(codes))
            ),
        )
    )
    leaf = single | st.sampled_from([("any", "q_box"), ("all", "q_box")])
    return st.recursive(
        leaf,
        lambda inner: (
            st.tuples(st.just("not"), inner)
            | st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple))
            | st.lists(inner, min_size=2, max_size=4, unique_by=tree).flatmap(
                lambda parts: st.tuples(
                    st.just("at_least"),
                    st.integers(1, len(parts)),
                    st.integers(0, len(parts)),
                    st.just(tuple(parts)),
                )
            )
        ),
        max_leaves=6,
    )


def tree(node: Node) -> Tree:
    return parse(text(node), QUESTIONS, frozenset()).tree


def text(node: Node) -> str:
    match node:
        case "in" | "not in" as operator, column, codes:
            return f"{column} {operator} ({', '.join(codes)},)"
        case "any" | "all" as function, question:
            return f"{function}({question}_*)"
        case "not", part:
            return f"(not {text(part)})"
        case "and" | "or" as word, parts:
            return "(" + f" {word} ".join(text(part) for part in parts) + ")"
        case "at_least", needed, answered, parts:
            told = f", answered={answered}" if answered else ""
            return f"at_least({needed}, {', '.join(text(part) for part in parts)}{told})"
    raise AssertionError(node)


def slow(node: Node, row: dict[str, str]) -> str:
    """Kleene's logic written out for one respondent: yes, no, or open."""
    match node:
        case "in" | "not in" as operator, column, codes:
            if row[column] in SILENT:
                return "open"
            return "yes" if (row[column] in codes) == (operator == "in") else "no"
        case "any", _:
            return slow(("or", (("in", "q_box_a", ("yes",)), ("in", "q_box_b", ("yes",)))), row)
        case "all", _:
            return slow(("and", (("in", "q_box_a", ("yes",)), ("in", "q_box_b", ("yes",)))), row)
        case "not", part:
            return {"yes": "no", "no": "yes", "open": "open"}[slow(part, row)]
        case "and", parts:
            found = [slow(part, row) for part in parts]
            return "no" if "no" in found else "open" if "open" in found else "yes"
        case "or", parts:
            found = [slow(part, row) for part in parts]
            return "yes" if "yes" in found else "open" if "open" in found else "no"
        case "at_least", needed, answered, parts:
            found = [slow(part, row) for part in parts]
            if len(found) - found.count("open") < answered:
                return "open"
            possible = itertools.product(*(["yes", "no"] if value == "open" else [value] for value in found))
            outcomes = {world.count("yes") >= needed for world in possible}
            return "open" if len(outcomes) == 2 else "yes" if outcomes == {True} else "no"
    raise AssertionError(node)


def compiled(rule: Rule, base: Rule | None = None) -> Entry:
    given_: dict[str, Any] = {
        name: {} for name in ("name", "definition", "finding", "denominator", "period", "caveat")
    }
    items = (*rule.items, *(base.items if base else ()))
    return Entry(
        id="X", side="survey", construct="", tier="", rule="", items=items, parts=(), applies_to=(), sensitivity=1,
        finest="district", source="", version="1", core=False, tree=rule.tree, base_tree=base.tree if base else None,
        codes=COLUMNS, questions=QUESTIONS, **given_,
    )  # fmt: skip


def values(node: Node, rows: list[dict[str, str]], base: Node | None = None) -> list[str]:
    entry = compiled(
        parse(text(node), QUESTIONS, frozenset()), parse(text(base), QUESTIONS, frozenset()) if base else None
    )
    found: list[str] = evaluate({"X": entry}, pd.DataFrame(rows))["X"].tolist()
    return ["open" if value in SILENT else value for value in found]


ROWS = st.lists(
    st.fixed_dictionaries({name: st.sampled_from([*codes, *SILENT]) for name, codes in COLUMNS.items()}),
    min_size=1,
    max_size=12,
)


@PLAIN
@given(nodes(), ROWS)
def test_whole_columns_give_what_a_slow_reading_gives_row_by_row(
    node: Node, rows: list[dict[str, str]]
) -> None:
    assert values(node, rows) == [slow(node, row) for row in rows]


@PLAIN
@given(nodes(), nodes(), ROWS)
def test_a_base_leaves_out_those_outside_it_and_keeps_doubt(
    node: Node, base: Node, rows: list[dict[str, str]]
) -> None:
    expected = [{"yes": slow(node, row), "no": "", "open": "open"}[slow(base, row)] for row in rows]
    assert values(node, rows, base) == expected


@PLAIN
@given(nodes(), ROWS, st.data())
def test_an_answer_that_comes_in_never_overturns_what_was_decided(
    node: Node, rows: list[dict[str, str]], data: st.DataObject
) -> None:
    filled = [
        {name: data.draw(st.sampled_from(COLUMNS[name])) if v in SILENT else v for name, v in row.items()}
        for row in rows
    ]
    for before, after in zip(values(node, rows), values(node, filled), strict=True):
        assert before in ("open", after)


@PLAIN
@given(nodes(), st.sampled_from(SILENT))
def test_no_rule_makes_a_no_or_a_yes_out_of_silence(node: Node, silent: str) -> None:
    """Unless it holds of everyone whatever they answer, which is no rule worth writing."""
    row = dict.fromkeys(COLUMNS, silent)
    (found,) = values(node, [row])

    assert found == "open"


@PLAIN
@given(nodes(), nodes(), ROWS)
def test_what_is_said_to_be_contained_is_contained(
    one: Node, other: Node, rows: list[dict[str, str]]
) -> None:
    first, second = (parse(text(node), QUESTIONS, frozenset()) for node in (one, other))
    if entails(first.tree, second.tree, {"X": compiled(first)}):
        for a, b in zip(values(one, rows), values(other, rows), strict=True):
            assert a != "yes" or b == "yes"


@st.composite
def counts(draw: st.DrawFn) -> Node:
    """A count over some of the same few parts, so that one often contains another."""
    parts = draw(st.lists(st.sampled_from(POOL), min_size=2, unique=True))
    needed, answered = draw(st.integers(1, len(parts))), draw(st.integers(0, len(parts)))
    return draw(
        st.sampled_from(
            [("at_least", needed, answered, tuple(parts)), ("or", tuple(parts)), ("and", tuple(parts))]
        )
    )


EVERYONE = [
    {"q_yes": a, "q_how": b, "q_box_a": c, "q_box_b": d, "q_box_none": "no"}
    for a, b, c, d in itertools.product(
        ["yes", "no", "unsure"], ["none", "own", "unsure"], *[["yes", "no", "unsure"]] * 2
    )
]


@PLAIN
@given(counts(), counts())
def test_a_count_is_contained_in_another_only_if_nobody_contradicts_it(one: Node, other: Node) -> None:
    if entails(tree(one), tree(other), {"X": compiled(parse(text(one), QUESTIONS, frozenset()))}):
        for a, b in zip(values(one, EVERYONE), values(other, EVERYONE), strict=True):
            assert a != "yes" or b == "yes"


WORDS = [
    *(
        "S01",
        "q_yes",
        "q_how",
        "==",
        "in",
        "not",
        "and",
        "or",
        "(",
        ")",
        ",",
        "yes",
        "own",
        "any",
        "at_least",
        "2",
    ),
    *(
        "answered",
        "=",
        "q_box_*",
        "/",
        "lambda",
        ":",
        "__import__",
        "'",
        "\\",
        "\x00",
        "{",
        "[",
        "*",
        "**",
        "9" * 5000,
    ),
]


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
@example("(" * 500 + "S01" + ")" * 500)
@example("not " * 5000 + "S01")
@example("at_least(" + "9" * 5000 + ", S01)")
@example("at_least(True, S01)")
@example("any()")
@example("any(*q_box_*)")
@example("at_least(*S01, S01)")
@example("at_least(1, S01, **S01)")
@example("q_yes == yes == yes")
@example("q_yes in ()")
@example("\ud800")
def test_a_text_is_read_as_a_rule_or_refused_and_never_run(rule: str) -> None:
    try:
        found = parse(rule, QUESTIONS, frozenset({"S01"}))
    except RuleError as error:
        assert str(error)
    else:
        assert found.items or found.parts


def test_the_grammar_above_is_the_one_in_use(root: Path) -> None:
    """Every word that the codebook's own rules are written with is drawn here too."""
    used = set()
    for path in (root / "src/mapping/codebook/indicators").glob("*.toml"):
        for rule in re.findall(r'^(?:rule|base) = "(.*)"$', path.read_text(encoding="utf-8"), re.MULTILINE):
            used |= set(re.findall(r"\b(in|not|and|or|any|all|at_least|any_true|all_true|answered)\b", rule))

    assert used - {"any_true", "all_true"} <= {"in", "not", "and", "or", "any", "all", "at_least", "answered"}
