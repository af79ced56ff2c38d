"""Which faults the tests would not notice: ``make study-mutation``, or ``python benchmarks/mutation.py ROOM TESTS…``.

``--file limits.py`` or ``--file gate/decide.py`` (more than once if need be) keeps to files of a room, ``--file gate``
to a folder of it; ``--again`` tries only what the last run left open (`build/mutation/ROOM.json`). In the environment,
BUDGET=3 tries three seconds of tests on each mutant, the cheapest case of every test before the second case of any,
and PROCESSES=1 one mutant at a time.

Every comparison, sign, number and condition of a room's functions is changed, one at a time, and the tests that run
the function are run in a process of their own until one of them fails. A change that no test notices *survives*: a
test is missing, or the change makes no difference (then `mutation_explained.toml` says why). The work of importing and
collecting is done once; each mutant is a fork in which one function has other code (DeMillo, Lipton & Sayward 1978).
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import gc
import io
import json
import os
import signal
import sys
import time
import tomllib
import types
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
EXPLAINED = HERE / "mutation_explained.toml"
PROCESSES = int(os.environ.get("PROCESSES", "2"))
BUDGET = float(os.environ.get("BUDGET", "1e9"))  # seconds of tests tried on a mutant
PATIENCE = 20.0  # seconds that a mutant may take besides ten times what its tests take otherwise

_COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_REVERSED = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt}
_COUNTED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.MatMult: ast.Add,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One function (or, with an empty `code`, one module constant) with one change."""

    file: str
    place: str  # the file within the room
    line: int
    name: str
    change: str
    original: types.CodeType | None
    code: types.CodeType | None
    value: Any = None

    @property
    def key(self) -> str:
        """What it is called in `mutation_explained.toml`: without the line, which moves."""
        return f"{self.place} {self.name}: {self.change}"


def _changes(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """The fields of a node with another value for each, one at a time."""
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            for table in (_COMPARED, _REVERSED):
                if (other := table.get(type(operator))) is not None:
                    yield "ops", [*node.ops[:at], other(), *node.ops[at + 1 :]]
    elif isinstance(node, ast.BinOp) and type(node.op) in _COUNTED:
        if not (isinstance(node.op, ast.Add | ast.Mod) and _is_text(node)):
            yield "op", _COUNTED[type(node.op)]()
    elif isinstance(node, ast.AugAssign) and type(node.op) in _COUNTED:
        yield "op", _COUNTED[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        yield "op", ast.And() if isinstance(node.op, ast.Or) else ast.Or()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        yield "op", ast.UAdd() if isinstance(node.op, ast.USub) else None
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "value", not node.value
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "value", node.value + 1
        if node.value not in (0, 1):
            yield "value", 0
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        yield "test", ast.UnaryOp(ast.Not(), node.test)


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in (node.left, node.right)
    )


def _said(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:160] if not isinstance(node, ast.stmt) else _head(node)


def _head(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0][:160]


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def _names(path: Path) -> list[str]:
    return [name for name, _ in _functions(ast.parse(path.read_text(encoding="utf-8")))]


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes(constant)


def _skipped(node: ast.AST) -> set[int]:
    """Nodes that say nothing of what is computed: messages of errors, annotations, and the assertion strict=True."""
    found = [
        part
        for inner in ast.walk(node)
        if isinstance(inner, ast.Raise | ast.AnnAssign | ast.arguments | ast.JoinedStr)
        for part in ([inner.annotation] if isinstance(inner, ast.AnnAssign) else ast.walk(inner))
    ]
    found += [
        part
        for inner in ast.walk(node)
        for part in (
            *(ast.walk(inner.returns) if isinstance(inner, ast.FunctionDef) and inner.returns else ()),
            *(ast.walk(inner) if isinstance(inner, ast.keyword) and inner.arg == "strict" else ()),
        )
    ]
    decorators = [part for inner in getattr(node, "decorator_list", []) for part in ast.walk(inner)]
    return {id(part) for part in (*found, *decorators) if part is not None}


def _mutants(file: str, place: str, live: dict[str, types.CodeType]) -> Iterator[Mutant]:
    source = Path(file).read_text(encoding="utf-8")
    tree = ast.parse(source)
    for name, function in _functions(tree):
        if name not in live:
            continue
        skipped = _skipped(function)
        for node in ast.walk(function):
            if id(node) in skipped:
                continue
            for attribute, other in _changes(node):
                before, kept = _said(node), getattr(node, attribute)
                if other is None:  # `not x` becomes `x`
                    node.op, node.operand, other = ast.Not(), ast.UnaryOp(ast.Not(), node.operand), node.op  # type: ignore[attr-defined]
                    compiled, after = (
                        compile(ast.fix_missing_locations(copy.deepcopy(tree)), file, "exec"),
                        "not not",
                    )
                    node.op, node.operand = kept, node.operand.operand  # type: ignore[attr-defined]
                else:
                    setattr(node, attribute, other)
                    after = _said(node)
                    compiled = compile(ast.fix_missing_locations(copy.deepcopy(tree)), file, "exec")
                    setattr(node, attribute, kept)
                code = next(c for c in _codes(compiled) if c.co_qualname == name)
                yield Mutant(file, place, node.lineno, name, f"{before} → {after}", live[name], code)  # type: ignore[attr-defined]
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Constant):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            value = statement.value.value
            if (
                isinstance(target, ast.Name)
                and isinstance(value, int | float)
                and not isinstance(value, bool)
            ):
                changed = value * 1.5 if isinstance(value, float) else value + 1
                change = f"{value} → {changed}"
                yield Mutant(file, place, statement.lineno, target.id, change, None, None, (value, changed))


@dataclass
class Study:
    """A pytest plugin that, instead of running the tests once, runs them against every mutant."""

    room: Path
    files: list[str]
    explained: dict[str, str]
    last: dict[str, dict[str, Any]]  # by file: changes, and the keys of those open
    again: bool
    strangers: int = 0  # functions that no test calls
    durations: dict[str, float] = field(default_factory=dict)
    touched: dict[str, set[types.CodeType]] = field(default_factory=lambda: defaultdict(set))
    outcome: dict[str, list[Mutant]] = field(default_factory=lambda: defaultdict(list))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._baseline(session)
        if (child := os.fork()) == 0:  # without any change nothing may be noticed
            os._exit(self._child(None, sorted(session.items, key=lambda item: self.durations[item.nodeid])))
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
            raise SystemExit("the tests fail in a process of their own without any change: mend that first.")
        live = {
            (code.co_filename, code.co_qualname): code for codes in self.touched.values() for code in codes
        }
        for path in self._paths():
            named = {name: code for (file, name), code in live.items() if file == str(path)}
            place = self._place(path)
            mutants = list(_mutants(str(path), place, named))
            if strangers := [name for name in _names(path) if name not in named]:
                print(f"{place}: no test here calls {', '.join(strangers)}")
                self.strangers += len(strangers)
            if self.again:
                left = set(self.last.get(place, {}).get("open", []))
                mutants = [mutant for mutant in mutants if mutant.key in left]
            if mutants:
                self._run(session, mutants, path)
        return True

    def _paths(self) -> list[Path]:
        """The files of the room, or those asked for in the order of asking."""
        every = sorted(self.room.rglob("*.py"))
        if not self.files:
            return every
        return [path for name in self.files for path in every if self._asked(path, name)]

    def _place(self, path: Path) -> str:
        return path.relative_to(self.room).as_posix()

    def _asked(self, path: Path, name: str) -> bool:
        """Whether the file was asked for by its name, by its place in the room, or by a folder that it lies in."""
        return name in (path.name, self._place(path)) or self._place(path).startswith(f"{name.rstrip('/')}/")

    def _baseline(self, session: pytest.Session) -> None:
        """Run every test twice: to see which functions of the room it calls, and how long it takes unwatched.

        Watched, each test sets up all that it needs, so that what a shared fixture calls counts for every test of it.
        """
        prefix = str(self.room)
        for watched in (True, False):
            for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                seen = self.touched[item.nodeid]

                def note(
                    frame: types.FrameType, event: str, _: object, seen: set[types.CodeType] = seen
                ) -> None:
                    if event == "call" and frame.f_code.co_filename.startswith(prefix):
                        seen.add(frame.f_code)

                start = time.perf_counter()
                sys.setprofile(note if watched else None)
                passed = self._passes(item, None if watched else following)
                sys.setprofile(None)
                self.durations[item.nodeid] = time.perf_counter() - start
                if not passed:
                    raise SystemExit(f"{item.nodeid} fails without any change: mend it first.")

    @staticmethod
    def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
        from _pytest.runner import runtestprotocol

        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            reports = runtestprotocol(item, nextitem=following, log=False)
        return all(report.outcome != "failed" for report in reports)

    def _tests(self, session: pytest.Session, mutant: Mutant) -> list[pytest.Item]:
        """Tests that run the function: the cheapest case of each, then two more, four more, …, within the budget."""

        def runs(item: pytest.Item) -> bool:
            codes = self.touched[item.nodeid]
            if mutant.original is not None:
                return mutant.original in codes
            return any(code.co_filename == mutant.file for code in codes)

        cases: Counter[str] = Counter()
        ordered = []
        for item in sorted(filter(runs, session.items), key=lambda item: self.durations[item.nodeid]):
            cases[test := item.nodeid.partition("[")[0]] += 1
            ordered.append((cases[test].bit_length(), self.durations[item.nodeid], item))
        chosen, spent = [], 0.0
        for _, seconds, item in sorted(ordered, key=lambda entry: entry[:2]):
            if not chosen or spent + seconds <= BUDGET:
                chosen.append(item)
                spent += seconds
        return chosen

    def _run(self, session: pytest.Session, mutants: list[Mutant], path: Path) -> None:
        running: dict[int, Mutant] = {}
        for mutant in mutants:
            if len(running) >= PROCESSES:
                self._reap(running)
            items = self._tests(session, mutant)
            if (child := os.fork()) == 0:
                os._exit(self._child(mutant, items))
            running[child] = mutant
        while running:
            self._reap(running)
        survived = [mutant for mutant in self.outcome["survived"] if mutant.file == str(path)]
        open_ = [mutant for mutant in survived if mutant.key not in self.explained]
        place = self._place(path)
        print(f"{place:32} {len(mutants):4} changes, {len(mutants) - len(survived):4} noticed, "
              f"{len(survived) - len(open_):3} explained, {len(open_):3} open")  # fmt: skip
        for mutant in sorted(open_, key=lambda mutant: mutant.line):
            print(f"  {place}:{mutant.line} {mutant.name}: {mutant.change}")
        sys.stdout.flush()
        entry = self.last.setdefault(place, {})
        if not self.again:
            entry["changes"] = len(mutants)
        entry["open"] = [mutant.key for mutant in open_]
        _last_run(self.room).parent.mkdir(parents=True, exist_ok=True)
        _last_run(self.room).write_text(json.dumps(self.last, ensure_ascii=False, indent=1), encoding="utf-8")

    def _reap(self, running: dict[int, Mutant]) -> None:
        child, status = os.wait()
        if child in running:
            survived = os.waitstatus_to_exitcode(status) == 0
            self.outcome["survived" if survived else "killed"].append(running.pop(child))

    def _child(self, mutant: Mutant | None, items: list[pytest.Item]) -> int:
        """0 if no test notices."""
        patience = PATIENCE + 10 * sum(self.durations[item.nodeid] for item in items)
        signal.alarm(int(patience))  # an endless loop is noticed too
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 1), os.dup2(devnull, 2)
        try:
            if mutant is not None:
                _install(mutant)
            following = [*items[1:], None]
            return next((1 for i, item in enumerate(items) if not self._passes(item, following[i])), 0)
        except BaseException:
            return 1


def _install(mutant: Mutant) -> None:
    if mutant.code is not None:
        for thing in gc.get_objects():
            if isinstance(thing, types.FunctionType) and thing.__code__ is mutant.original:
                thing.__code__ = mutant.code
        return
    before, after = mutant.value
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("mapping") and vars(module).get(mutant.name) == before:
            setattr(module, mutant.name, after)


def _last_run(room: Path) -> Path:
    return HERE.parent / "build" / "mutation" / f"{room.name}.json"


def main(room: str, tests: list[str], files: list[str], *, again: bool) -> int:
    """Prints the survivors, file by file; 0 if each of them is explained and every function is called."""
    folder = HERE.parent / "src" / "mapping" / Path(*room.split("."))
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")) if EXPLAINED.exists() else {}
    reasons = {key: reason for reason, keys in explained.get(room, {}).items() for key in keys}
    last = json.loads(_last_run(folder).read_text(encoding="utf-8")) if _last_run(folder).exists() else {}
    study = Study(folder.resolve(), files, reasons, last, again)
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:doctest",
        "-o",
        "addopts=--import-mode=importlib",
    ]
    pytest.main([*options, *tests], plugins=[study])
    survivors = study.outcome["survived"]
    total = len(survivors) + len(study.outcome["killed"])
    open_ = [m for m in survivors if m.key not in reasons]
    said = Counter(reasons[m.key] for m in survivors if m.key in reasons)
    print(
        f"\n{room}: {total} changes, {total - len(survivors)} noticed, {len(survivors)} not, {len(open_)} of them open"
    )
    for reason, n in said.items():
        print(f"  {n:4} make no difference that a test should see: {reason}")
    return 1 if open_ or study.strangers else 0


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Which faults the tests of a room would not notice.")
    asked.add_argument("room", help="such as estimate.design_based")
    asked.add_argument("tests", nargs="+", help="files or folders of tests")
    asked.add_argument("--file", action="append", default=[], help="keep to this file of the room")
    asked.add_argument("--again", action="store_true", help="only what the last run left open")
    given = asked.parse_args()
    sys.exit(main(given.room, given.tests, given.file, again=given.again))
