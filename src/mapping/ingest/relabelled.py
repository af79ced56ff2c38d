"""Codes that mean another answer than in the wave before: swapped and shifted labels are caught before they count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mapping.concepts.wave import Label, Wave, read_wave
from mapping.errors import InputError
from mapping.ingest.answers import Labels
from mapping.ingest.filetype import file_kind
from mapping.ingest.raw import RawTable, normal, plain
from mapping.ingest.statistical import READERS, read_labels

__all__ = ["refuse_relabelled"]

Book = Mapping[str, Mapping[float | str, str]]


def _variables(wave: Wave) -> Iterator[tuple[str, str, Mapping[str, tuple[Label, ...]]]]:
    """What the labelled variables of a wave are mapped to: a name all waves share, the variable, its labels."""
    for name, group in wave.groups.items():
        yield f"groups.{name}", group.column, group.labels
    for name, item in wave.items.items():
        if item.variable:
            yield f"items.{name}", item.variable, item.values
        for box, variable in item.variables.items():
            yield f"items.{name}.{box}", variable, {"yes": item.checked, "no": item.unchecked}


def _meanings(wave: Wave, book: Book) -> dict[str, dict[float | str, tuple[str, str]]]:
    """By mapped name: code -> (answer, label), for the codes whose label wave.toml knows."""
    found: dict[str, dict[float | str, tuple[str, str]]] = {}
    for name, variable, labels in _variables(wave):
        answers = {text: answer for answer, texts in labels.items() for text in Labels.of(texts).texts}
        for code, label in book.get(variable, {}).items():
            if answer := answers.get(normal(label), ""):
                key = code if isinstance(code, str) else float(code)
                found.setdefault(name, {})[key] = (answer, label)
    return found


def _before(wave: Wave) -> tuple[Wave, Book] | None:
    """The latest earlier wave beside this one whose file has value labels, with these."""
    folders = sorted(
        path.parent for path in wave.folder.parent.glob("*/wave.toml") if path.parent.name < wave.id
    )
    for folder in reversed(folders):
        earlier = read_wave(folder / "wave.toml")
        path = folder / earlier.file.path
        if path.is_file() and (kind := file_kind(path)) in READERS:
            return earlier, read_labels(path, kind, earlier.file.encoding)
    return None


def refuse_relabelled(table: RawTable, wave: Wave) -> None:
    """Refuse a file in which a code means another answer than in the wave before.

    Mapping by label makes such a change harmless, but only if the labels are right, and which wave is right only the
    data owner knows. Confirmed changes are listed in wave.toml as [file] relabelled.

    Raises
    ------
    InputError
        Naming the column, the code and both labels.
    """
    if not table.labels or (before := _before(wave)) is None:
        return
    earlier, book = before
    then, now = _meanings(earlier, book), _meanings(wave, table.labels)
    for name, variable, _ in _variables(wave):
        if variable in wave.file.relabelled:
            continue
        for code, (answer, label) in now.get(name, {}).items():
            old_answer, old_label = then.get(name, {}).get(code, (answer, label))
            if old_answer != answer:
                shown = code if isinstance(code, str) else plain(code)
                raise InputError(
                    f"{table.name}: the value labels of column '{variable}' changed between waves {earlier.id} and "
                    f"{wave.id}: code {shown} was '{old_label}' and is now '{label}'. Ask the data owner which is "
                    f'right. If the new labels are, confirm it in wave.toml: [file] relabelled = ["{variable}"].'
                )
