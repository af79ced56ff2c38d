"""What is kept for the analyst alone, in the owner-only folder of a wave, and how it is forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from mapping import disclosure, manifest
from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.concepts.municipality import Municipality
from mapping.concepts.question import Question
from mapping.concepts.responses import CaseCounts, Responses
from mapping.errors import BuildError
from mapping.ingest.quality import Names, Subject, quality_page

__all__ = ["forget", "intake_notes", "keep", "names_for", "subject_of"]

SAME = ("hash", "type", "rows", "columns")


def subject_of(responses: Responses, answers: pd.DataFrame, cases: CaseCounts | None) -> Subject:
    """A wave as it was taken in, with everything intake noted."""
    told = (f"Case extract: {note}" for note in (cases.notes if cases else ()))
    return Subject(responses, answers, (*responses.notes, *told))


def keep(
    folder: Path,
    now: Subject,
    before: Subject | None,
    tables: Mapping[str, pd.DataFrame],
    names: Names,
    key: bytes,
) -> None:
    """Write pseudonymised answers, unprotected `tables`, notes, the record of intake and the quality report."""
    place = manifest.private_wave(folder, now.wave)
    answers = pd.concat([now.responses.frame, now.answers], axis=1)
    for name, frame in {"answers": answers, **tables}.items():
        manifest.write_whole(place / f"{name}.parquet", frame.to_parquet(index=False))
    told = intake_notes(folder, now, key)
    intake = _intake(now, key)
    seen = Subject(now.responses, now.answers, (*now.notes, *told), {**intake, "other": bool(told)})
    manifest.write_whole(place / "notes.txt", "".join(f"{note}\n" for note in seen.notes).encode())
    manifest.write_whole(place / "quality.html", quality_page(seen, before, names))
    manifest.write_whole(place / "intake.json", json.dumps({"schema": 1, **intake}, indent=1).encode())


def _intake(now: Subject, key: bytes) -> dict[str, object]:
    """File type, rows, columns and keyed hash of the wave's survey file."""
    wave = now.responses.wave
    content = manifest.digest([wave.folder / wave.file.path], wave.folder, key)
    return {"file": wave.file.path, **now.responses.file, "hash": content}


def intake_notes(folder: Path, now: Subject, key: bytes) -> list[str]:
    """A note where the survey file is another one than when the wave was last taken in."""
    last, intake = manifest.recorded_intake(folder, now.wave), _intake(now, key)
    moved = [name for name in SAME if last and last.get(name) != intake.get(name)]
    if not moved:
        return []
    shown = [f"{name} {last[name]}, now {intake[name]}" for name in moved if name != "hash" and name in last]
    what = f" ({'; '.join(shown)})" if shown else " (its content, not its type, rows or columns)"
    return [f"{intake['file']} is not the file that was last taken in as wave {now.wave}{what}."]


def names_for(
    municipality: Municipality,
    questions: Mapping[str, Question],
    indicators: Mapping[str, Indicator],
    districts: Districts | None,
) -> Names:
    """The names on a quality report, in the municipality's first language."""
    places: dict[str, tuple[str, int | None]] = {}
    if districts is not None:
        population = districts.population
        pupils = population.groupby("code")["n"].sum() if len(population) else pd.Series(dtype=int)
        places = {
            str(code): (str(name), int(pupils[code]) if code in pupils.index else None)
            for code, name in zip(districts.frame["code"], districts.frame["name"], strict=True)
        }
    language = municipality.languages[0]
    return Names(
        language,
        municipality.name,
        {item: question.text[language] for item, question in questions.items()},
        {id_: indicator.name[language] for id_, indicator in indicators.items()},
        places,
        municipality.synthetic,
    )


def forget(folder: Path, wave: str) -> list[str]:
    """Erase what the workspace knows of a wave beyond what it printed; returns what was done and what remains.

    Raises
    ------
    BuildError
        If there is no such wave, or it is forgotten already.
    """
    printed = disclosure.printed_waves(folder)
    place = folder / "data" / "processed" / wave
    known = {*printed, *(path.name for path in manifest.wave_folders(folder))}
    if not re.fullmatch(r"[\w-]+", wave) or not (wave in known or place.exists()):
        raise BuildError(f"there is no wave '{wave}' to forget. Waves: {', '.join(sorted(known)) or 'none'}.")
    if wave in manifest.closed_waves(folder).forgotten and not place.exists():
        raise BuildError(f"wave {wave} is forgotten already.")
    with manifest.rebuild_lock(folder):
        bound = disclosure.pooled_with(folder, wave)
        # first the mark: if the machine stops in between, nothing is released on half a memory
        manifest.mark_forgotten(folder, wave, bound)
        done = [
            f"removed data/processed/{wave} ({n} files)" for n in [manifest.erase_wave(folder, wave)] if n
        ]
        done += [
            f"removed the counts of {wave} from data/processed/{other}/released.json"
            for other in disclosure.forget_counts(folder, wave)
        ]
        done += _forget_beside(folder, wave)
    remain = [f"kept: the ledger, and reports/{wave} as it was published"] if wave in printed else []
    if (raw := folder / "data" / "raw" / wave).exists():
        remain.append(
            f"not touched: {raw}; the raw files are your own to delete (wave.toml holds no answers: keep it)"
        )
    if bound:
        remain.append(
            f"closed: {', '.join(bound)}, printed in a pool with {wave}, cannot be released anew; what stands in "
            "reports/ stays"
        )
    return [*done, *remain, "copies in backups and synchronised folders are out of this program's reach"]


def _forget_beside(folder: Path, wave: str) -> list[str]:
    """Take the wave's cells out of other waves' estimates, and remove the quality reports that show its answers."""
    done = []
    for path in sorted((folder / "data" / "processed").glob("*/estimates.parquet")):
        table = pd.read_parquet(path)
        of = table["wave"].str.split("+").map(lambda names: wave in names).astype(bool)
        if of.any():
            manifest.write_whole(path, table[~of].to_parquet(index=False))
            done.append(
                f"removed the estimates of {wave} from data/processed/{path.parent.name}/estimates.parquet"
            )
    for path in sorted((folder / "data" / "processed").glob("*/quality.html")):
        if path.parent.name > wave:
            path.unlink()
            done.append(f"removed data/processed/{path.parent.name}/quality.html, which compares with {wave}")
    return done
