"""The language of the rules: what it reads, what it refuses."""

from __future__ import annotations

import pytest

from mapping.codebook.rules import Answer, Not, Part, RuleError, Several, parse
from mapping.concepts.question import Question

QUESTIONS = {
    "n_partner": Question("n_partner", {}, answers={"own": {}, "conditional": {}, "none": {}}),
    "n_worry": Question("n_worry", {}, answers={"yes": {}, "no": {}}),
    "n_free": Question("n_free", {}, boxes={"sports": {}, "friends": {}, "none": {}}),
}
INDICATORS = frozenset({"S01", "S02", "S03"})


def tree(text: str) -> object:
    return parse(text, QUESTIONS, INDICATORS).tree


def test_an_answer_is_compared_with_codes() -> None:
    assert tree("n_partner in (conditional, none)") == Answer("n_partner", frozenset({"conditional", "none"}))
    assert tree("n_worry == yes") == Answer("n_worry", frozenset({"yes"}))
    assert tree("n_worry != yes") == Not(Answer("n_worry", frozenset({"yes"})))


def test_the_boxes_of_a_question_leave_out_the_box_none() -> None:
    boxes = (Answer("n_free_sports", frozenset({"yes"})), Answer("n_free_friends", frozenset({"yes"})))

    assert tree("any(n_free_*)") == Several(boxes, 1, boxes=True)
    assert tree("all(n_free_*)") == Several(boxes, None, boxes=True)


def test_indicators_are_joined() -> None:
    assert tree("S01 and not S02") == Several((Part("S01"), Not(Part("S02"))), None)
    assert tree("any_true(S01, S02)") == tree("S01 or S02")
    assert tree("at_least(2, S01, S02, S03)") == Several((Part("S01"), Part("S02"), Part("S03")), 2)


def test_a_rule_lists_the_items_and_parts_it_stands_on() -> None:
    rule = parse("S01 and any_true(S02, n_worry == yes)", QUESTIONS, INDICATORS)

    assert (rule.items, rule.parts) == (("n_worry",), ("S01", "S02"))


@pytest.mark.parametrize("code", ["unsure", "declined", "skipped", "not_asked", "missing"])
def test_a_rule_may_not_decide_on_those_who_did_not_answer(code: str) -> None:
    with pytest.raises(RuleError, match="did not answer"):
        tree(f"n_worry in (yes, {code})")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n_wrong == yes", "no question 'n_wrong'"),
        ("n_worry == maybe", "no answer 'maybe'"),
        ("n_worry", "needs an answer"),
        ("n_free == yes", "has boxes"),
        ("S99", "no indicator 'S99'"),
        ("any(n_worry_*)", "boxes of one question"),
        ("any(S01, S02)", "boxes of one question"),
        ("at_least(4, S01, S02)", "between 1"),
        ("at_least(S01, S02)", "between 1"),
        ("n_worry in yes", "brackets"),
        ("n_worry == (yes, no)", "brackets"),
        ("n_worry > yes", "use =="),
        ("own < n_partner < none", "one question"),
        ("S01 and", "cannot be read"),
        ("", "cannot be read"),
        ("1 + 1", "not part of the language"),
        ("S01 if S02 else S03", "not part of the language"),
    ],
)
def test_what_is_not_in_the_language_is_refused_with_a_reason(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        tree(text)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "open('/etc/passwd')",
        "(lambda: S01)()",
        "S01.__class__",
        "[S01 for S01 in S02]",
        "any(n_free_*, key=S01)",
        "f'{S01}'",
    ],
)
def test_nothing_that_python_could_run_gets_through(text: str) -> None:
    with pytest.raises(RuleError):
        tree(text)


def test_a_rule_nested_too_deeply_is_refused_not_crashed_on() -> None:
    with pytest.raises(RuleError):
        tree("not " * 5000 + "S01")
