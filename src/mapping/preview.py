"""What a report would show and withhold, and why: for the analyst's eyes, before anything is released."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mapping import disclosure
from mapping.errors import BuildError
from mapping.pipeline import estimate, take_in
from mapping.workspace import open_workspace

__all__ = ["preview"]

Say = Callable[[str], None]


def preview(folder: Path, wave: str | None = None, *, say: Say = lambda _: None) -> Iterator[str]:
    """What the report of a wave (default: the last) would show and withhold, why, and what fewer levels would show.

    For the analyst's eyes: the lines say which cells are small. Nothing is written.
    """
    workspace = open_workspace(folder)
    policy, earlier = disclosure.read_policy(workspace.municipality.policy), disclosure.read_earlier(folder)
    gone, closed = workspace.closed.forgotten, workspace.closed
    waves = [w for w in workspace.waves if w.id not in gone and (wave is None or w.id <= wave)]
    if not waves or waves[-1].id in closed or wave not in (None, waves[-1].id):
        raise BuildError(
            f"there is no open wave {wave or 'at all'} to look at. `mapping check` lists the waves."
        )
    intakes = [take_in(workspace, w, say) for w in waves]

    def why(levels: Sequence[str]) -> dict[str, str]:
        say(f"{waves[-1].id}: protecting {', '.join(levels)}")
        planned = replace(workspace, publication=replace(workspace.publication, levels=tuple(levels)))
        return disclosure.why_withheld([estimate(planned, intakes)], policy, earlier, key=workspace.key)

    levels = workspace.publication.levels
    planned = why(levels)
    coarser = [level for level in levels if level != "district"]
    without = dict(_shares(why(coarser))) if len(coarser) < len(levels) else {}
    for place, share in _shares(planned):
        other = without.get(place, share)
        yield f"{place}: {share} shown" + (f" ({other} if no district were)" if other != share else "")
    for name, reason in planned.items():
        if reason:
            yield f"{name}: withheld: {reason}"


def _shares(why: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for (wave, indicator, level), shown, total in disclosure.shown_by_level(dict(why)):
        yield f"{wave} {indicator} {level}", f"{shown} of {total}"
