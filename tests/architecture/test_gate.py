"""The gate, read from the source text: who holds the seal, who makes sealed things, who writes files."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

SEAL_HOLDERS = {"disclosure/protected.py", "disclosure/gate/protect.py"}
MAKERS = {"ProtectedRelease", "Figure", "Change"}
SEALED_FIELDS = {"figures", "policy", "model", "synthetic", "seal"}  # no other type has fields of these names
WRITER = "publish/release.py"
KEEPERS = {  # of disclosure: the ledger, the owner-only counts behind it, and plain tables that were asked for by name
    "disclosure/ledger/entries.py",
    "disclosure/ledger/earlier.py",
    "disclosure/tables/table_files.py",
}
WRITING = {
    *(
        "write_text",
        "write_bytes",
        "write_whole",
        "write_image",
        "touch",
        "mkdir",
        "unlink",
        "rmdir",
        "symlink_to",
    ),
    *("mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory"),
}
WRITING_UNLESS_BUFFERED = {  # harmless without a path, or with a buffer in memory
    *("to_csv", "to_excel", "to_json", "to_html", "to_file", "to_parquet", "savefig", "save", "write_html"),
    *("ExcelWriter", "PdfPages"),
}
WRITING_MODULES = {"os", "shutil", "tempfile", "subprocess"}


def seal_mentions(tree: ast.Module) -> Iterator[int]:
    """Lines that touch the seal: by name, as an attribute, in an import, or spelled out for getattr."""
    for node in ast.walk(tree):
        name = {
            ast.Name: "id",
            ast.Attribute: "attr",
            ast.alias: "name",
            ast.Constant: "value",
            ast.keyword: "arg",
        }.get(type(node))
        if name and getattr(node, name) in {"_SEAL", "seal"}:
            yield node.lineno


def makings(tree: ast.Module) -> Iterator[int]:
    """Lines that make a sealed thing, or a changed copy of one. (Matplotlib's Figure is another matter.)"""
    makers = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mapping.disclosure")
        for alias in node.names
        if alias.name in MAKERS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called, owner = _called(node), getattr(getattr(node.func, "value", None), "id", "")
            copied = called in {"replace", "__replace__"} and SEALED_FIELDS & {k.arg for k in node.keywords}
            by_owner = called in MAKERS and owner in {"protected", "disclosure"}
            if by_owner or copied or getattr(node.func, "id", "") in makers:
                yield node.lineno
        elif isinstance(node, ast.Attribute) and node.attr in {"__new__", "__setattr__", "__dict__"}:
            yield node.lineno


def writings(tree: ast.Module) -> Iterator[int]:
    """Lines that may put something on disk: by a writing call, by `open`, by a module that moves files."""
    buffers = {target.id for node in ast.walk(tree) for target in _bound_to_buffers(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            )
            if WRITING_MODULES & {(name or "").split(".")[0] for name in names}:
                yield node.lineno
        elif isinstance(node, ast.Call) and _writes(node, buffers):
            yield node.lineno


def _writes(call: ast.Call, buffers: set[str]) -> bool:
    called, destination = _called(call), _destination(call)
    in_memory = destination is None or (isinstance(destination, ast.Name) and destination.id in buffers)
    if called in {"open", "ZipFile"}:
        return not (_reads(call) or (called == "ZipFile" and in_memory))
    if called == "compile":  # typst returns bytes unless it is told where to write
        return any(keyword.arg == "output" for keyword in call.keywords)
    return called in WRITING or (called in WRITING_UNLESS_BUFFERED and not in_memory)


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _destination(call: ast.Call) -> ast.expr | None:
    named = [
        k.value for k in call.keywords if k.arg in {"path_or_buf", "fname", "path", "buf", "file", "filename"}
    ]
    found = [*call.args[:1], *named]
    return None if not found or getattr(found[0], "value", "a path") is None else found[0]


def _reads(call: ast.Call) -> bool:
    """Whether `open` is asked to read: no mode, or one without w, a, x and +."""
    position = 0 if isinstance(call.func, ast.Attribute) and call.func.attr == "open" else 1
    modes = [*call.args[position : position + 1], *(k.value for k in call.keywords if k.arg == "mode")]
    return all(isinstance(mode, ast.Constant) and not set(str(mode.value)) & set("wax+") for mode in modes)


def _bound_to_buffers(node: ast.AST) -> Iterator[ast.Name]:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        pairs = [(node.value, target) for target in targets]
    elif isinstance(node, ast.withitem):
        pairs = [(node.context_expr, node.optional_vars)]
    else:
        return
    for value, target in pairs:
        if (
            isinstance(value, ast.Call)
            and _called(value) in {"BytesIO", "StringIO"}
            and isinstance(target, ast.Name)
        ):
            yield target


def test_only_the_gate_touches_the_seal(sources: dict[str, ast.Module]) -> None:
    found = {name: lines for name, tree in sources.items() if (lines := sorted(seal_mentions(tree)))}
    assert set(found) <= SEAL_HOLDERS, found
    assert found, "the seal was found nowhere: the check looks for the wrong name"


def test_only_the_room_of_disclosure_makes_sealed_things(sources: dict[str, ast.Module]) -> None:
    rooms = ("publish/", "pipeline.py", "cli.py", "__init__.py", "demo/")
    found = {
        name: lines
        for name, tree in sources.items()
        if name.startswith(rooms) and (lines := sorted(makings(tree)))
    }
    assert found == {}


def test_in_publish_only_release_writes_files(sources: dict[str, ast.Module]) -> None:
    found = {
        name: lines
        for name, tree in sources.items()
        if name.startswith("publish/") and name != WRITER and (lines := sorted(set(writings(tree))))
    }
    assert found == {}


def test_rooms_that_only_think_write_no_file(sources: dict[str, ast.Module]) -> None:
    rooms = ("concepts/", "texts/", "codebook/", "estimate/", "disclosure/", "geography/")
    found = {
        name: lines
        for name, tree in sources.items()
        if name.startswith(rooms) and name not in KEEPERS and (lines := sorted(set(writings(tree))))
    }
    assert found == {}


@pytest.mark.parametrize(
    "breach",
    [
        "from mapping.disclosure.protected import _SEAL",
        "release = Other(seal=protected._SEAL)",
        "key = getattr(protected, '_SEAL')",
        "stolen = release.seal",
    ],
)
def test_a_stolen_seal_is_found(breach: str) -> None:
    assert list(seal_mentions(ast.parse(breach))) != []


@pytest.mark.parametrize(
    "breach",
    [
        "from mapping.disclosure import ProtectedRelease as PR\nPR(wave='2026', figures=())",
        "protected.Figure(key='x')",
        "dataclasses.replace(release, figures=mine)",
        "object.__setattr__(figure, 'share', 12.0)",
    ],
)
def test_a_forged_release_is_found(breach: str) -> None:
    assert list(makings(ast.parse(breach))) != []


@pytest.mark.parametrize(
    "breach",
    [
        "open(path, 'w')",
        "path.open(mode='ab')",
        "open(path, how)",
        "path.write_text('x')",
        "path.write_bytes(b'x')",
        "table.to_csv(path)",
        "table.to_csv(path_or_buf=folder / 'a.csv')",
        "figure.savefig(folder / 'map.png')",
        "typst.compile(source, output='report.pdf')",
        "import shutil",
        "from os import replace",
        "zipfile.ZipFile(path, 'w')",
    ],
)
def test_a_secret_writer_is_found(breach: str) -> None:
    assert list(writings(ast.parse(breach))) != []


@pytest.mark.parametrize(
    "honest",
    [
        "text = table.to_csv(index=False)",
        "buffer = io.BytesIO()\nfigure.savefig(buffer, format='png')",
        "with BytesIO() as buffer:\n    book.save(buffer)",
        "open(path, 'rb').read()",
        "with zipfile.ZipFile(path) as archive:\n    archive.namelist()",
        "table.rename('n')",
        "path.open(encoding='utf-8')",
        "pdf = typst.compile(source)",
    ],
)
def test_reading_and_writing_in_memory_is_left_alone(honest: str) -> None:
    assert list(writings(ast.parse(honest))) == []
