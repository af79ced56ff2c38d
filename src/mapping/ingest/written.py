"""What people wrote into settings and into tables beside the polygons: no personal number, which would be printed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mapping.errors import InputError, PrivacyError
from mapping.ingest.door.fold import folded
from mapping.ingest.door.numbers import is_personal_number
from mapping.ingest.door.tally import kinds_in
from mapping.ingest.readers import read_table

__all__ = ["refuse_in_places", "refuse_in_settings"]

_TABLES = {".csv", ".tsv", ".txt", ".xlsx", ".ods"}


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, held in value.items():
                yield from (key, *_texts(held))
        case list():
            for held in value:
                yield from _texts(held)


def _sections(path: Path) -> dict[str, list[str]]:
    """The texts of a settings file by its outermost keys; none where it cannot be read, which its reader will say."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return {key: [key, *_texts(value)] for key, value in values.items()}


def refuse_in_settings(folder: Path) -> None:
    """Refuse a workspace with a personal number in its settings, or in the name of one of their folders.

    Contacts of an office may stand there: its telephone, its e-mail.

    Raises
    ------
    PrivacyError
        Naming the file and the section, or only the parent folder where the number is the name itself.
    """
    raw = folder / "data" / "raw"
    for path in sorted([*folder.glob("*.toml"), *folder.glob("indicators/*.toml"), *raw.rglob("*.toml")]):
        if any(is_personal_number(folded(part)) for part in path.relative_to(folder).parts):
            raise PrivacyError(
                f"{'data/raw' if raw in path.parents else 'the workspace'}: the name of a folder or of a settings "
                "file holds a Swedish personal number. Rename it."
            )
        for section, texts in _sections(path).items():
            if any(is_personal_number(folded(text)) for text in texts):
                place = "a key" if is_personal_number(folded(section)) else f"'{section}'"
                raise PrivacyError(
                    f"{path.relative_to(folder).as_posix()}: {place} holds a Swedish personal number, which would be "
                    "kept, shown or printed. Take it out."
                )


def refuse_in_places(sidecar: Path, names: Iterable[str]) -> None:
    """Refuse a division whose names, or whose tables of pupils and codes, hold what identifies a person.

    Parameters
    ----------
    sidecar : Path
        geography.toml, which names the tables.
    names : iterable of str
        Names of the districts and of the larger areas, which are printed on maps.

    Raises
    ------
    PrivacyError
        With the file and what it holds, never the text itself.
    """
    held: Sequence[str] = sorted({kind for name in names for kind in kinds_in(name)})
    if held:
        raise PrivacyError(
            f"{sidecar.parent.name}: names of districts or larger areas hold {', '.join(held)}. They are printed on "
            "maps: correct them in the file of the polygons, or choose another column in geography.toml."
        )
    named = (text for texts in _sections(sidecar).values() for text in texts)
    for name in dict.fromkeys(text for text in named if Path(text).suffix.lower() in _TABLES):
        try:
            read_table(sidecar.parent / name)
        except PrivacyError:
            raise
        except InputError:
            continue  # titles above and footnotes below: the reader of such tables judges what it uses
