"""The audit of a release as it lies on the disk: do its files agree, and do they give away what is withheld?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapping.disclosure.auditing.agreement import disagreements
from mapping.disclosure.auditing.attack_from_outside import leaks_to_a_reader
from mapping.disclosure.auditing.attack_with_counts import leaks_to_whoever_compares
from mapping.disclosure.auditing.written import Written, read_written, written_beside
from mapping.disclosure.counts import Counts
from mapping.disclosure.ledger.earlier import counts_kept
from mapping.disclosure.policy import Policy, read_policy, stricter_parts

__all__ = ["Leak", "Verdict", "audit_release"]


@dataclass(frozen=True, slots=True)
class Leak:
    """A cell that is given away: its key, the file or attack that shows it, and why. It holds no number."""

    key: str
    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.key}: {self.why} ({self.where})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the audit found. `with_counts`: whether the owner-only counts were there to compare with."""

    wave: str
    leaks: tuple[Leak, ...]
    with_counts: bool
    releases: int

    @property
    def safe(self) -> bool:
        """Whether nothing is given away."""
        return not self.leaks

    def __str__(self) -> str:
        known = "with the counts behind it" if self.with_counts else "from its files alone"
        if self.safe:
            return f"wave {self.wave}: no withheld value can be worked out (checked {known})."
        found = "\n".join(f"  {leak}" for leak in self.leaks)
        return f"wave {self.wave}: {len(self.leaks)} leaks (checked {known}).\n{found}"

    def public(self) -> dict[str, Any]:
        """What may be printed of it."""
        return {
            "leaks": len(self.leaks),
            "with_counts": self.with_counts,
            "releases_considered": self.releases,
            "attacks": ["agreement of files", "differences", "whole-number intervals"],
        }


def audit_release(
    folder: Path, truth: Mapping[str, tuple[Any, ...]] | None = None, *, reports: Path | None = None
) -> Verdict:
    """Attack the written files of the release in `folder`, together with the releases of other waves beside it.

    Parameters
    ----------
    folder : Path
        reports/<wave>, or the folder in which a release stands before it is put in place.
    truth : mapping, optional
        Counts by key (`truth_of`): ``(n, events, …)``. Without it those in the workspace's owner-only state are taken
        if they are there, else the attack is that of any reader.
    reports : Path, optional
        The folder of all releases; default: the one `folder` lies in.

    Raises
    ------
    InputError
        If files are missing or cannot be read.
    """
    release = read_written(folder)
    reports = reports or folder.parent
    beside = written_beside(release, reports)
    policy = read_policy(stricter_parts(release.policy))
    known = _counts(release, beside, reports.parent, truth)
    leaks = dict.fromkeys(_leaks(release, beside, reports, known, policy))
    return Verdict(release.wave, tuple(leaks), bool(known), 1 + len(beside))


def _leaks(
    release: Written, beside: tuple[Written, ...], reports: Path, known: Mapping[str, Counts], policy: Policy
) -> Iterator[Leak]:
    for key, where, why in disagreements(release, beside, reports / "ledger" / "ledger.jsonl"):
        yield Leak(key, where, why)
    releases = (release, *beside)
    for key, why in leaks_to_a_reader(releases, policy, lattice=not known):
        yield Leak(key, "a reader's attack", why)
    if known:
        for key, why in leaks_to_whoever_compares(releases, known, policy):
            yield Leak(key, "attack with the counts", why)


def _counts(
    release: Written,
    beside: tuple[Written, ...],
    workspace: Path,
    truth: Mapping[str, tuple[Any, ...]] | None,
) -> dict[str, Counts]:
    """The counts of this release, and of the others where they are kept."""
    own = {key: Counts(*values) for key, values in truth.items()} if truth is not None else None
    if own is None:
        own = counts_kept(workspace, release.wave)
    if not own:
        return {}
    others = [counts_kept(workspace, other.wave) for other in beside]
    return {key: counts for found in (*others, own) for key, counts in found.items()}
