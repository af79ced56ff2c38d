"""Codes and labels that mean another answer than in the wave before: caught before they count.

A code is known by its value label, or, where a file has none, by what wave.toml says of it: so a text file is held
against the statistical file before it, and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mapping.concepts.wave import Label, Wave, read_wave
from mapping.errors import InputError
from mapping.ingest.answers import Labels, non_answers
from mapping.ingest.apart import STATISTICAL, read_labels
from mapping.ingest.filetype import file_kind
from mapping.ingest.raw import RawTable, factorized, normal, plain

__all__ = ["refuse_relabelled"]

Code = float | str
Book = Mapping[str, Mapping[Code, str]]


@dataclass(slots=True)
class _Meant:
    """What the codes and the texts of one variable meant in a wave: answer, and label as written ("" without one).

    `known` are all codes that the file labels.
    """

    wave: str
    codes: dict[Code, tuple[str, str]] = field(default_factory=dict)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    known: set[Code] = field(default_factory=set)


def _variables(wave: Wave) -> Iterator[tuple[str, str, Mapping[str, tuple[Label, ...]]]]:
    """What the variables of a wave are mapped to: a name all waves share, the variable, its labels."""
    for name, group in wave.groups.items():
        yield f"groups.{name}", group.column, group.labels
    for name, item in wave.items.items():
        if item.variable:
            yield f"items.{name}", item.variable, item.values
        for box, variable in item.variables.items():
            yield f"items.{name}.{box}", variable, {"yes": item.ticks(box), "no": item.unchecked}
        for variable in item.choices:
            yield f"items.{name}", variable, item.boxes


def _code(code: Code) -> Code:
    return code.strip() if isinstance(code, str) else float(code)


def _meanings(wave: Wave, book: Book) -> dict[str, _Meant]:
    """By mapped name: what codes and texts mean, as far as wave.toml knows them."""
    silent = {text: reason for reason, labels in non_answers(wave.file).items() for text in labels.texts}
    found: dict[str, _Meant] = {}
    for name, variable, labels in _variables(wave):
        meant = found.setdefault(name, _Meant(wave.id))
        texts = {normal(text): (answer, text) for answer, stated in labels.items() for text in _texts(stated)}
        codes = {code: answer for answer, stated in labels.items() for code in Labels.of(stated).numbers}
        meant.texts |= texts
        meant.codes |= {code: (answer, "") for code, answer in codes.items()}
        for key, label in book.get(variable, {}).items():
            code, text = _code(key), normal(label)
            answer = texts[text][0] if text in texts else codes.get(code, silent.get(text, ""))  # type: ignore[arg-type]
            meant.known.add(code)
            if answer:
                meant.codes[code] = (answer, label)
    return found


def _texts(labels: tuple[Label, ...]) -> Iterator[str]:
    return (label for label in labels if isinstance(label, str))


def _earlier(wave: Wave) -> Iterator[dict[str, _Meant]]:
    """The waves beside this one that came before it, the latest first, back to one whose file has value labels."""
    folders = sorted(
        path.parent for path in wave.folder.parent.glob("*/wave.toml") if path.parent.name < wave.id
    )
    for folder in reversed(folders):
        earlier = read_wave(folder / "wave.toml")
        path = folder / earlier.file.path
        labelled = path.is_file() and (kind := file_kind(path)) in STATISTICAL
        book = read_labels(path, kind, earlier.file.encoding) if labelled else {}
        yield _meanings(earlier, book)
        if book:
            return


def refuse_relabelled(table: RawTable, wave: Wave) -> list[str]:
    """Refuse a file in which a code or a text means another answer than in the wave before; notes on what is harmless.

    Mapping by label makes such a change harmless, but only if the labels are right, and which wave is right only the
    data owner knows. It is certain only where all codes moved by one step, to codes that meant nothing before.
    Confirmed changes are listed in wave.toml as [file] relabelled.

    Raises
    ------
    InputError
        Naming the column, the code and both labels.
    """
    now, before, notes = _meanings(wave, table.labels), list(_earlier(wave)), []
    for name, variable, _ in _variables(wave):
        then = next((found[name] for found in before if found.get(name) and found[name].codes), None)
        if then is not None:
            notes += _codes(table, wave, variable, then, now[name])
        then = next((found[name] for found in before if found.get(name) and found[name].texts), None)
        if then is not None and variable not in wave.file.relabelled:
            _refuse_other_texts(table, wave, variable, then, now[name])
    return list(dict.fromkeys(notes))


def _codes(table: RawTable, wave: Wave, variable: str, then: _Meant, now: _Meant) -> list[str]:
    """Refuse codes that changed their meaning, unless that is confirmed or certain: then it is noted."""
    changed = [
        code
        for code, (answer, label) in now.codes.items()
        if code in then.codes and then.codes[code][0] != answer and not _same(then.codes[code][1], label)
    ]
    if not changed:
        moved = _moved(then, now)
        return [_renumbered(variable, then)] if any(moved.values()) else []
    if variable in wave.file.relabelled:
        return [f"{_renumbered(variable, then)} wave.toml confirms the change."]
    if _certain(table, variable, then, now):
        return [_renumbered(variable, then)]
    code = changed[0]
    shown = code if isinstance(code, str) else plain(code)
    raise InputError(
        f"{table.name}: the value labels of column '{variable}' changed between waves {then.wave} and "
        f"{wave.id}: code {shown} was {_called(*then.codes[code])} and is now {_called(*now.codes[code])}. Ask the "
        f'data owner which is right. If the new ones are, confirm it in wave.toml: [file] relabelled = ["{variable}"].'
    )


def _same(one: str, other: str) -> bool:
    return bool(one) and normal(one) == normal(other)


def _called(answer: str, label: str) -> str:
    return f"'{label}'" if label else f"'{answer}' by wave.toml"


def _renumbered(variable: str, then: _Meant) -> str:
    return f"Column '{variable}' has other codes for its answers than in wave {then.wave}; they were mapped by label."


def _moved(then: _Meant, now: _Meant) -> dict[str, float]:
    """By how much the code of each label that both waves have has moved."""
    before = {normal(label): code for code, (_, label) in then.codes.items() if label}
    found = {}
    for code, (_, label) in now.codes.items():
        old = before.get(normal(label)) if label else None
        if isinstance(old, float) and isinstance(code, float):
            found[normal(label)] = code - old
    return found


def _certain(table: RawTable, variable: str, then: _Meant, now: _Meant) -> bool:
    """Whether all answers moved by one step, and the file holds codes that the earlier labels cannot explain."""
    moved = {label: step for label, step in _moved(then, now).items() if label in now.texts}
    labelled = {normal(label) for _, label in then.codes.values()} & then.texts.keys()
    if (
        variable not in table.frame
        or len(moved) < 2
        or len(set(moved.values())) > 1
        or set(moved) != labelled
    ):
        return False
    used = set(factorized(table.frame[variable])[1])
    return any(code in used for code in now.codes if code not in then.known)


def _refuse_other_texts(table: RawTable, wave: Wave, variable: str, then: _Meant, now: _Meant) -> None:
    for text, (answer, label) in now.texts.items():
        old = then.texts.get(text, (answer, label))[0]
        if old != answer:
            raise InputError(
                f"{table.name}: the answer '{label}' of column '{variable}' means '{answer}' by wave.toml, but meant "
                f"'{old}' in wave {then.wave}. Correct wave.toml; or, if the question was put the other way round, "
                f'confirm it there: [file] relabelled = ["{variable}"].'
            )
