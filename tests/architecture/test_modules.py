"""Habits of every module: it says what it is for and what it offers, stays short, and nobody reaches in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LONGEST = 400  # lines of a file
MUTABLE = ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp
MUTABLE_CALLS = {
    "dict",
    "list",
    "set",
    "defaultdict",
    "Counter",
    "OrderedDict",
    "deque",
    "DataFrame",
    "Series",
    "array",
}


def says_what_it_is(tree: ast.Module) -> bool:
    """Whether the module has a docstring and, if it holds anything, lists what it offers in `__all__`."""
    body = [node for node in tree.body if not _is_docstring(node)]
    named = any("__all__" in _targets(node) for node in body)
    return ast.get_docstring(tree) is not None and (named or not body)


def missing_from_all(tree: ast.Module) -> set[str]:
    """Names that `__all__` promises and the module does not have."""
    promised, there = set[str](), set[str]()
    for node in tree.body:
        if (
            "__all__" in _targets(node)
            and isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
        ):
            try:
                promised |= set(ast.literal_eval(node.value))
            except ValueError:  # made from other names: checked by importing, not by reading
                return set()
        elif isinstance(node, ast.Import | ast.ImportFrom):
            there |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            there.add(node.name)
        there |= _targets(node)
    return promised - there


def changeable_settings(tree: ast.Module) -> Iterator[int]:
    """Lines of module-level names bound to something that can be changed in place."""
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or "__all__" in _targets(node):
            continue
        call = isinstance(node.value, ast.Call) and _name(node.value.func) in MUTABLE_CALLS
        if call or isinstance(node.value, MUTABLE):
            yield node.lineno


def reaching_in(tree: ast.Module) -> Iterator[int]:
    """Lines that rebind a global, or change an attribute of an imported module."""
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield node.lineno
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            inner = target
            while isinstance(inner, ast.Attribute | ast.Subscript):
                inner = inner.value
            if isinstance(target, ast.Attribute) and isinstance(inner, ast.Name) and inner.id in imported:
                yield target.lineno


def talking(tree: ast.Module) -> Iterator[int]:
    """Lines that print: rooms hand back notes, and the command decides what is said."""
    return (
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == "print"
    )


def _is_docstring(node: ast.stmt) -> bool:
    future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return future or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _targets(node: ast.stmt) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    names = [name for target in targets for name in getattr(target, "elts", [target])]
    return {name.id for name in names if isinstance(name, ast.Name)}


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def test_every_module_says_what_it_is_for_and_what_it_offers(sources: dict[str, ast.Module]) -> None:
    assert [name for name, tree in sources.items() if not says_what_it_is(tree)] == []


def test_what_a_module_offers_is_there(sources: dict[str, ast.Module]) -> None:
    assert {name: missing for name, tree in sources.items() if (missing := missing_from_all(tree))} == {}


def test_no_file_grows_too_long(root: Path) -> None:
    files = [path for folder in ("src", "tests") for path in (root / folder).rglob("*.py")]
    long = {
        path.name: n for path in files if (n := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_nothing_in_disclosure_can_be_changed_in_place(sources: dict[str, ast.Module]) -> None:
    found = {
        name: lines
        for name, tree in sources.items()
        if name.startswith("disclosure/") and (lines := list(changeable_settings(tree)))
    }
    assert found == {}


def test_no_module_reaches_into_another_or_rebinds_a_global(sources: dict[str, ast.Module]) -> None:
    assert {name: lines for name, tree in sources.items() if (lines := list(reaching_in(tree)))} == {}


def test_only_the_command_prints(sources: dict[str, ast.Module]) -> None:
    assert {
        name: lines for name, tree in sources.items() if name != "cli.py" and (lines := list(talking(tree)))
    } == {}


@pytest.mark.parametrize("module", ["import os\n__all__ = ['os']", '"""What."""\nimport os', "x = 1"])
def test_a_silent_module_is_found(module: str) -> None:
    assert not says_what_it_is(ast.parse(module))


def test_an_empty_promise_is_found() -> None:
    assert missing_from_all(ast.parse('__all__ = ["there", "gone"]\ndef there(): ...')) == {"gone"}


@pytest.mark.parametrize("module", ["POLICY = {'threshold': 5}", "RULES: list = []", "LIMITS = dict(a=1)"])
def test_a_changeable_policy_is_found(module: str) -> None:
    assert list(changeable_settings(ast.parse(module))) == [1]


@pytest.mark.parametrize(
    "module", ["POLICY = MappingProxyType({'threshold': 5})", "RULES = (1, 2)", "N = frozenset({1})"]
)
def test_a_frozen_policy_is_left_alone(module: str) -> None:
    assert list(changeable_settings(ast.parse(module))) == []


@pytest.mark.parametrize(
    "module",
    [
        "def f():\n    global THRESHOLD",
        "import rules\nrules.THRESHOLD = 1",
        "from mapping import a\na.b.c += 1",
    ],
)
def test_reaching_in_is_found(module: str) -> None:
    assert list(reaching_in(ast.parse(module))) != []


def test_a_talking_room_is_found() -> None:
    assert list(talking(ast.parse("def f(frame):\n    print(frame)"))) == [2]
