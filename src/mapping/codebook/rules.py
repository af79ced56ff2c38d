"""The language of the rules: a small, safe subset of Python's expressions, parsed and never executed.

    n_partner in (conditional, none)          the answer is one of these codes; also ==, != and "not in"
    any(n_leisure_*)   all(n_leisure_*)       over the boxes of a multiple response, its box "none" left out
    n_leisure_sports == yes                   one box
    S03   S01 or S02   S03 and S04   not S01  other indicators, joined
    any_true(S04, S08)   all_true(...)        the same as or, and
    at_least(2, S08, S09, S10)                a count
    at_least(2, S08, S09, S10, answered=2)    a count that stays open for those who answered fewer parts
    K03 / S16                                 a ratio of two indicators, for one that joins survey and cases

The rules of case extracts are written in the same language, over the fields of cases.toml.
Values are three-valued (Kleene 1952): yes, no, or undecided. An undecided part never becomes a "no".
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mapping.concepts.question import NONE_BOX, Question
from mapping.concepts.responses import DECLINED, NOT_ASKED, SKIPPED, UNSURE

__all__ = ["Answer", "Not", "Part", "Rule", "RuleError", "Several", "Tree", "leaves", "parse", "parse_ratio"]

RESERVED = frozenset({UNSURE, DECLINED, SKIPPED, NOT_ASKED, "missing"})
_BOXES = re.compile(r"\b([a-z]\w*)_\*")
_MARK = "__boxes"


class RuleError(ValueError):
    """A rule that cannot be read; the loader adds the file."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes where the answer in `column` is one of `codes`."""

    column: str
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Part:
    """The value of another indicator."""

    id: str


@dataclass(frozen=True, slots=True)
class Not:
    """Yes and no exchanged; undecided stays undecided."""

    part: Tree


@dataclass(frozen=True, slots=True)
class Several:
    """Yes where at least `needed` parts are (all of them where it is None).

    `boxes` marks the boxes of one question: those a wave did not offer are left out instead of undecided.
    With `answered`, it is undecided where fewer parts than that are decided.
    """

    parts: tuple[Tree, ...]
    needed: int | None
    boxes: bool = False
    answered: int = 0


Tree = Answer | Part | Not | Several


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule with the item columns and the indicators it stands on."""

    tree: Tree
    items: tuple[str, ...]
    parts: tuple[str, ...]


def leaves(tree: Tree) -> Iterator[Answer | Part]:
    """The answers and indicators at the ends of a tree, in the order they are written."""
    if isinstance(tree, Not):
        yield from leaves(tree.part)
    elif isinstance(tree, Several):
        for part in tree.parts:
            yield from leaves(part)
    else:
        yield tree


class _Reader:
    """Turns Python's syntax tree into ours, and refuses everything it does not know."""

    def __init__(self, questions: Mapping[str, Question], indicators: frozenset[str]) -> None:
        self.questions, self.indicators = questions, indicators
        self.columns = {name: codes for q in questions.values() for name, codes in q.columns().items()}

    def read(self, node: ast.expr) -> Tree:
        if isinstance(node, ast.BoolOp):
            parts = tuple(self.read(value) for value in node.values)
            return Several(parts, 1 if isinstance(node.op, ast.Or) else None)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Not(self.read(node.operand))
        if isinstance(node, ast.Compare):
            return self._compare(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Name):
            return self._part(node.id)
        raise RuleError(f"'{ast.unparse(node)}' is not part of the language of rules.")

    def _part(self, name: str) -> Part:
        if name in self.indicators:
            return Part(name)
        if name in self.columns or name in self.questions:
            raise RuleError(f"the question '{name}' needs an answer, for instance '{name} == yes'.")
        raise RuleError(f"there is no indicator '{name}'.{_near(name, self.indicators)}")

    def _compare(self, node: ast.Compare) -> Tree:
        if len(node.ops) != 1 or not isinstance(node.left, ast.Name):
            raise RuleError(f"'{ast.unparse(node)}': compare one question with one or several answers.")
        column, known = node.left.id, self._codes(node.left.id)
        operator, right = node.ops[0], node.comparators[0]
        if not isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            raise RuleError(f"'{ast.unparse(node)}': use ==, !=, in or not in.")
        several = isinstance(right, ast.Tuple)
        if several != isinstance(operator, ast.In | ast.NotIn):
            raise RuleError(f"'{ast.unparse(node)}': 'in' takes answers in brackets, '==' a single one.")
        codes = frozenset(self._code(e, column, known) for e in (right.elts if several else [right]))  # type: ignore[attr-defined]
        answer = Answer(column, codes)
        return answer if isinstance(operator, ast.Eq | ast.In) else Not(answer)

    def _codes(self, column: str) -> tuple[str, ...]:
        if column in self.columns:
            return self.columns[column]
        if column in self.questions:
            raise RuleError(f"'{column}' has boxes: write any({column}_*) or name a box.")
        raise RuleError(f"there is no question '{column}'.{_near(column, self.columns)}")

    @staticmethod
    def _code(node: ast.expr, column: str, known: tuple[str, ...]) -> str:
        code = (
            node.id if isinstance(node, ast.Name) else node.value if isinstance(node, ast.Constant) else None
        )
        if not isinstance(code, str):
            raise RuleError(f"'{ast.unparse(node)}' is not an answer code.")
        if code in RESERVED:
            raise RuleError(f"'{code}' is not an answer: a rule may not decide on pupils who did not answer.")
        if code not in known:
            raise RuleError(f"'{column}' has no answer '{code}'; its answers are {', '.join(known)}.")
        return code

    def _call(self, node: ast.Call) -> Tree:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in {"any", "all", "any_true", "all_true", "at_least"} or not node.args:
            raise RuleError(f"'{ast.unparse(node)}': known are any, all, any_true, all_true and at_least.")
        if name == "at_least":
            return self._at_least(node)
        if node.keywords:
            raise RuleError(f"'{ast.unparse(node)}': only at_least takes 'answered'.")
        if name in {"any", "all"}:
            return self._boxes(node, 1 if name == "any" else None)
        return Several(tuple(self.read(arg) for arg in node.args), 1 if name == "any_true" else None)

    def _at_least(self, node: ast.Call) -> Several:
        first, *rest = node.args
        parts = tuple(self.read(arg) for arg in rest)
        if len(set(parts)) < len(parts):
            raise RuleError(f"'{ast.unparse(node)}': a part stands twice and would count twice. Remove one.")
        if [keyword.arg for keyword in node.keywords] not in ([], ["answered"]):
            raise RuleError(f"'{ast.unparse(node)}': besides its parts, at_least takes only 'answered'.")
        numbers = [_whole(value, len(parts)) for value in (first, *(k.value for k in node.keywords))]
        if None in numbers:
            raise RuleError(f"'{ast.unparse(node)}': the number must lie between 1 and the number of parts.")
        needed, answered = [*numbers, 0][:2]
        return Several(parts, needed, answered=answered or 0)

    def _boxes(self, node: ast.Call, needed: int | None) -> Several:
        argument = node.args[0]
        name = argument.id if isinstance(argument, ast.Name) else ""
        question = self.questions.get(name.removesuffix(_MARK))
        if not name.endswith(_MARK) or len(node.args) != 1 or question is None or not question.boxes:
            shown = ast.unparse(node).replace(_MARK, "_*")
            raise RuleError(f"'{shown}': name the boxes of one question, for instance any(n_leisure_*).")
        boxes = [box for box in question.boxes if box != NONE_BOX]
        return Several(
            tuple(Answer(f"{question.id}_{b}", frozenset({"yes"})) for b in boxes), needed, boxes=True
        )


def _whole(node: ast.expr, most: int) -> int | None:
    """The whole number from 1 to `most` that a node is, or None."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most else None


def _near(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    return f" Did you mean '{near[0]}'?" if near else ""


def parse_ratio(text: str, indicators: frozenset[str]) -> tuple[str, str]:
    """The two indicators of a rule such as "K03 / S16".

    Raises
    ------
    RuleError
        If the text is no such ratio, or names an indicator that does not exist.
    """
    match = re.fullmatch(r"\s*(\w+)\s*/\s*(\w+)\s*", text)
    if match is None:
        raise RuleError(f"'{text}': a joint indicator is a ratio of two others, for instance 'K03 / S16'.")
    for name in match.groups():
        if name not in indicators:
            raise RuleError(f"there is no indicator '{name}'.{_near(name, indicators)}")
    return match[1], match[2]


def parse(text: str, questions: Mapping[str, Question], indicators: frozenset[str]) -> Rule:
    """The rule written in `text`.

    Raises
    ------
    RuleError
        If the text is not in the language, or names a question, answer or indicator that does not exist.

    Examples
    --------
    >>> q = Question("n_x", {}, answers={"yes": {}, "no": {}})
    >>> parse("n_x == yes", {"n_x": q}, frozenset()).items
    ('n_x',)
    """
    try:
        node = ast.parse(_BOXES.sub(rf"\1{_MARK}", text.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RuleError(f"'{text}' cannot be read as an expression.") from error
    try:
        tree = _Reader(questions, indicators).read(node)
    except RecursionError as error:
        raise RuleError("the rule is nested too deeply.") from error
    ends = list(leaves(tree))
    return Rule(
        tree,
        tuple(dict.fromkeys(leaf.column for leaf in ends if isinstance(leaf, Answer))),
        tuple(dict.fromkeys(leaf.id for leaf in ends if isinstance(leaf, Part))),
    )
