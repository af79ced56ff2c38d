"""The command `mapping`: parses, calls the pipeline, turns errors into exit codes and plain sentences.

Exit codes: 0 done; 1 an audit found a leak; 2 wrong use of the command; 3 and up see
`mapping.errors`; 70 a fault of ours. `suppress` and `audit-table`: 0 safe; 1 leak; 2 the publication
contradicts itself; 3 bad input, wrong use included.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from mapping import manifest
from mapping.arguments import BAD_INPUT, make_parser
from mapping.concepts.municipality import read_municipality
from mapping.errors import BuildError, MappingError
from mapping.surroundings import machine_trouble

__all__ = ["main"]

DEMO = Path("build") / "demo"
Say = Callable[[str], None]


@contextlib.contextmanager
def _progress() -> Iterator[Say]:
    """Says what is going on to a person at a terminal, and nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda text: status.update(text)


def _synthetic(workspace: Path) -> bool:
    return read_municipality(workspace / "municipality.toml").synthetic


def _rebuild(arguments: argparse.Namespace) -> int:
    workspace: Path = arguments.workspace
    if manifest.wave_folders(workspace):
        return _rebuild_one(workspace, arguments.wave)
    if arguments.workspace != Path():
        raise BuildError(
            f"{workspace / 'data' / 'raw'} holds no wave. Put a file there and run `mapping new-wave FILE`."
        )
    print("data/raw holds no wave yet: building the synthetic municipality instead.")
    status = 0
    for size in ("city", "town"):
        folder = DEMO if size == "city" else DEMO.with_name("demo-town")
        _ensure_demo(folder, size)
        status = max(status, _rebuild_one(folder, arguments.wave))
    return status


def _ensure_demo(folder: Path, size: str) -> None:
    """The synthetic workspace at `folder`, made anew only when the program has changed since."""
    stamp, wanted = folder / "data" / "processed" / "demo", f"{size} {manifest.code_digest()}"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        from mapping import pipeline

        with _progress() as say:
            say("drawing the synthetic municipality")
            pipeline.write_demo(folder, size)
        manifest.write_whole(stamp, wanted.encode())


def _rebuild_one(workspace: Path, waves: Sequence[str] | None) -> int:
    known = [folder.name for folder in manifest.wave_folders(workspace)]
    if waves and (unknown := sorted(set(waves) - set(known))):
        raise BuildError(
            f"there is no wave '{unknown[0]}' in {workspace / 'data' / 'raw'}. Waves: {', '.join(known)}."
        )
    key = manifest.workspace_key(workspace, synthetic=_synthetic(workspace))
    closed = manifest.closed_waves(workspace)
    if manifest.mend_ledger(workspace):
        print(
            f"{workspace / manifest.LEDGER} had lost rows; they were put back from the copy in data/processed/."
        )
    stale = [
        wave
        for wave in (waves or known)
        if (waves or wave not in closed) and not manifest.is_fresh(workspace, wave, key)
    ]
    if stale:
        from mapping import pipeline

        with _progress() as say:
            pipeline.rebuild(workspace, stale, say=say)
    for wave in waves or known:
        state = "closed, as published" if wave in closed else "built" if wave in stale else "up to date"
        reports = sorted((workspace / "reports" / wave).glob("report.*.pdf"))
        print(f"{wave}: {state}: {', '.join(str(path) for path in reports)}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from mapping import pipeline

    with _progress() as say:
        notes = pipeline.check(arguments.workspace, say=say)
    for line in notes:
        print(line)
    return 0


def _preview(arguments: argparse.Namespace) -> int:
    from mapping.preview import preview

    with _progress() as say:
        lines = list(preview(arguments.workspace, arguments.wave, say=say))
    print("For your eyes only: what follows says which figures stand on few persons.")
    for line in lines:
        print(line)
    print("Whoever approves this for publication is named in publication.toml, under [approved].")
    return 0


def _new_wave(arguments: argparse.Namespace) -> int:
    from mapping import pipeline

    path, doubts = pipeline.new_wave(arguments.workspace, arguments.file, arguments.id, arguments.form)
    if arguments.form is None:
        print(f"{path} is drafted. {doubts}")
        print(
            f"Read every line; or fill in {path.with_name('wave-form.xlsx')} and run "
            f"`mapping new-wave {arguments.file} --form {path.with_name('wave-form.xlsx')}`. Then run `mapping check`."
        )
    else:
        print(f"{path} is written. {doubts} Read every line, then run `mapping check`.")
    return 0


def _codebook(arguments: argparse.Namespace) -> int:
    from mapping import pipeline

    for path in pipeline.write_codebook(
        arguments.workspace, arguments.into, arguments.language or ("sv", "en")
    ):
        print(path)
    return 0


def _audit(arguments: argparse.Namespace) -> int:
    from mapping import pipeline, verify

    folders = arguments.reports or sorted(
        path.parent for path in (arguments.workspace / "reports").glob("*/release.json")
    )
    if not folders:
        raise BuildError(f"{arguments.workspace / 'reports'} holds no report. Run `mapping rebuild` first.")
    status = 0
    for folder in folders:
        verdict = pipeline.audit(folder)
        print(verdict)
        status = max(status, 0 if verdict.safe else 1, verify.main([str(folder)]))
    return status


def _verify(arguments: argparse.Namespace) -> int:
    from mapping import verify

    return verify.main([str(path) for path in arguments.releases])


def _publish_note(arguments: argparse.Namespace) -> int:
    from mapping.disclosure import note

    with manifest.rebuild_lock(arguments.workspace):
        number = note(arguments.workspace, arguments.cell, share=arguments.share, count=arguments.count)
    print(f"{arguments.cell}: stands in the ledger as number {number}; later releases take it as known.")
    return 0


def _suppress(arguments: argparse.Namespace) -> int:
    from mapping.disclosure import suppress_file

    try:
        pattern = suppress_file(arguments.cells, arguments.relations, arguments.out, arguments.policy)
    except MappingError as error:
        return _bad_input(arguments, error)
    print(
        f"{arguments.out}: {len(pattern.withheld)} cells withheld. They cost {pattern.cost:,.0f}; "
        f"no choice of cells that protects as well costs less than {pattern.lower_bound:,.0f}."
    )
    if not pattern.unreachable:
        return 0
    print(
        f"mapping: {len(pattern.unreachable)} cells cannot be protected as required, whatever is withheld, because of "
        "what is public already or how few they are part of. They are withheld, and what can still be kept open is; "
        f"but do not publish before you have looked at them: {', '.join(pattern.unreachable)}",
        file=sys.stderr,
    )
    return 1


def _audit_table(arguments: argparse.Namespace) -> int:
    from mapping.disclosure import audit, audit_lines

    try:
        verdict = audit(
            arguments.published,
            arguments.relations,
            known_min=arguments.known_min,
            truth=arguments.truth,
            insider=arguments.insider,
        )
    except MappingError as error:
        return _bad_input(arguments, error)
    for line in audit_lines(verdict):
        print(line)
    if verdict.contradiction:
        print(
            "mapping: the publication contradicts itself: no table of counts fits all of it.", file=sys.stderr
        )
    return verdict.exit_code


def _bad_input(arguments: argparse.Namespace, error: MappingError) -> int:
    if arguments.debug:
        raise error
    print(f"mapping: {error}", file=sys.stderr)
    return BAD_INPUT


def _forget(arguments: argparse.Namespace) -> int:
    if not arguments.yes:
        if not sys.stdin.isatty():
            raise BuildError("`mapping forget` asks before it erases. In a script, say `--yes`.")
        question = (
            f"This erases the answers, estimates and counts of wave {arguments.wave} for good. What was published "
            "stays, but the wave can never be released anew. Type its name to go on: "
        )
        if input(question).strip() != arguments.wave:
            print("Nothing was erased.")
            return 0
    from mapping import analyst

    for line in analyst.forget(arguments.workspace, arguments.wave):
        print(line)
    return 0


def _why(arguments: argparse.Namespace) -> int:
    from mapping.why import why

    for line in why(arguments.file):
        print(line)
    return 0


def _bundle(arguments: argparse.Namespace) -> int:
    from mapping.bundle import bundle

    with _progress() as say:
        count, size = bundle(Path(), arguments.into, pip=[arguments.python, "-m", "pip"], say=say)
    print(
        f"{arguments.into}: {count} wheels, {size / 1e6:,.0f} MB, complete. Copy it to Windows; run install.cmd."
    )
    return 0


def _dpia(arguments: argparse.Namespace) -> int:
    from mapping.dpia import write_drafts

    for path in write_drafts(arguments.workspace, arguments.into or arguments.workspace / "dpia"):
        print(path)
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from mapping import pipeline

    folder = arguments.into or (DEMO if arguments.size == "city" else DEMO.with_name("demo-town"))
    pipeline.write_demo(folder, arguments.size)
    print(f"{folder} holds a synthetic municipality. Run `mapping --workspace {folder} rebuild`.")
    return 0


def _place(error: BaseException) -> str:
    """The last line of this package that an error passed through."""
    here, place = Path(__file__).parent, "an unknown place"
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if here in file.parents:
            place = f"{file.relative_to(here).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = MappingProxyType(
    {
        "rebuild": _rebuild,
        "check": _check,
        "preview": _preview,
        "new-wave": _new_wave,
        "codebook": _codebook,
        "audit": _audit,
        "verify": _verify,
        "suppress": _suppress,
        "audit-table": _audit_table,
        "publish-note": _publish_note,
        "forget": _forget,
        "why": _why,
        "bundle": _bundle,
        "dpia": _dpia,
        "demo": _demo,
    }
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    parser = make_parser()
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        getattr(arguments, "parser", parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        return _COMMANDS[arguments.command](arguments)
    except MappingError as error:
        if arguments.debug:
            raise
        print(f"mapping: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if arguments.debug:
            raise
        if trouble := machine_trouble(error):
            print(f"mapping: {trouble}; what stood in reports/ still stands.", file=sys.stderr)
            return BuildError.exit_code
        # a message of another library may hold a respondent's value: its kind and place are enough to report
        print(
            f"mapping: the program failed ({type(error).__name__} in {_place(error)}); what stood in reports/ still "
            "stands. This is a fault of ours: please report it. `mapping --debug …` shows more, for your eyes only.",
            file=sys.stderr,
        )
        return 70
    except KeyboardInterrupt:
        print("mapping: stopped; what stood in reports/ still stands.", file=sys.stderr)
        return 130
