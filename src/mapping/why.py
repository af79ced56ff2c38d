"""What an output was made from, and whether that has changed since: the manifest, told in words.

Names of files and facts only; nothing is said of what the files hold. The standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mapping import manifest
from mapping.concepts.municipality import read_municipality
from mapping.errors import BuildError

__all__ = ["why"]

_STAGES: tuple[tuple[str, str], ...] = (  # the first that fits
    ("ledger/", "the ledger: the printed figures of every release, each row bound to the one before"),
    (
        "release.json",
        "what the release says of itself: policy, audit, certificate, hashes of its public files",
    ),
    ("tables/model.csv", "the public model, fitted to printed figures alone"),
    ("tables/", "the protected figures, as open data"),
    ("maps/", "drawn from the protected figures and the public model"),
    ("report.", "the board report, set from the protected figures, the public model and the texts"),
    ("", "made from the protected figures"),
)


def why(file: Path) -> Iterator[str]:
    """Sentences on what `file`, below `reports/<wave>` of a workspace, was made from.

    Raises
    ------
    BuildError
        If it is no output, or nothing is recorded of it.
    """
    workspace, wave, name = _placed(file.resolve())
    yield f"{file}: {next(said for start, said in _STAGES if name.startswith(start))}."
    if wave == "ledger":
        return
    known = manifest.made_from(workspace, wave)
    if not known or not isinstance(known.get("inputs"), dict):
        raise BuildError(
            f"{file}: nothing is recorded of what it was made from. Run `mapping --workspace {workspace} rebuild`."
        )
    synthetic = read_municipality(workspace / "municipality.toml").synthetic
    key = manifest.workspace_key(workspace, synthetic=synthetic)
    now = manifest.fingerprint(workspace, wave, key)
    yield "Order: read, estimate, protect, fit the public model, draw, write, audit, put in place."
    for kind, said in (("inputs", "Answers, frames and cases"), ("settings", "Settings and geography")):
        yield f"{said}:"
        yield from _files(known[kind], now[kind])
    for kind, said in (("code", "program"), ("lock", "locked versions of other packages")):
        yield f"The {said}: {'as when it was made' if known.get(kind) == now[kind] else 'changed since'}."
    if name in known["outputs"]:
        same = manifest.outputs(workspace, wave).get(name) == known["outputs"][name]
        yield f"The file itself: {'as it was made' if same else 'changed by hand since, or removed'}."
    if manifest.is_fresh(workspace, wave, key):
        yield f"Up to date: a rebuild would leave wave {wave} as it is."
    else:
        yield f"Out of date: `mapping --workspace {workspace} rebuild` makes wave {wave} anew."


def _placed(path: Path) -> tuple[Path, str, str]:
    """The workspace, the folder below `reports/` and the rest of the path of an output."""
    for reports in path.parents:
        if reports.name == "reports" and (reports.parent / "municipality.toml").exists():
            wave, *rest = path.relative_to(reports).parts
            return reports.parent, wave, "ledger/" if wave == "ledger" else "/".join(rest)
    raise BuildError(f"{path} is no output: it does not lie below reports/ of a workspace.")


def _files(known: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for path in sorted({*known, *now}):
        if path not in now:
            state = "removed since"
        elif path not in known:
            state = "new since"
        else:
            state = "as it was" if known[path] == now[path] else "changed since"
        yield f"  {path}: {state}"
