"""Reading a settings file strictly: an unknown or missing key is an error that names the file and the key."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from mapping.errors import SettingsError

__all__ = ["Section", "read_settings"]

T = TypeVar("T")

SCHEMA = 1
LARGEST = 1_000_000  # bytes; no settings are that long
_PLAIN = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


class Section:
    """One table of a settings file, which knows where it stands and which keys were asked for.

    Call `done()` when everything has been asked for: what is left over is unknown, and refused.
    """

    def __init__(self, values: Mapping[str, Any], file: Path, name: str = "") -> None:
        self._values, self.file, self.name = values, file, name
        self._asked: set[str] = set()

    @property
    def place(self) -> str:
        """The file and section in words."""
        return f"{self.file.name} [{self.name}]" if self.name else self.file.name

    def error(self, message: str) -> SettingsError:
        """An error that begins with the place."""
        return SettingsError(f"{self.place}: {message}")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def names(self) -> list[str]:
        """The keys as they stand in the file."""
        return list(self._values)

    def get(self, key: str, kind: type[T], default: T | None = None, *, choices: Collection[T] = ()) -> T:
        """The value of `key`, checked for its kind; without a default the key is required."""
        self._asked.add(key)
        if key not in self._values:
            if default is None:
                raise self.error(f"the key '{key}' is missing. Add it ({_PLAIN.get(kind, kind.__name__)}).")
            return default
        value = self._values[key]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(f"'{key}' must be {_PLAIN.get(kind, kind.__name__)}, not {value!r}.")
        if choices and value not in choices:
            raise self.error(f"'{key}' is {value!r}; choose one of {', '.join(map(repr, choices))}.")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        self._asked.add(key)
        value = self._values.get(key, None if default is None else list(default))
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(f"'{key}' must be a list of texts.")
        return tuple(value)

    def labels(
        self, key: str, default: tuple[str | int | float, ...] | None = None
    ) -> tuple[str | int | float, ...]:
        """One or several value labels or codes: text or numbers."""
        self._asked.add(key)
        value = self._values.get(key, None if default is None else list(default))
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(v, str | int | float) for v in value):
            raise self.error(f"'{key}' must be one or several labels (text) or codes (numbers).")
        return tuple(value)

    def table(self, key: str) -> Section:
        """The table under `key`, which is required."""
        if (found := self.section(key)) is None:
            raise self.error(f"the section '{key}' is missing.")
        return found

    def section(self, key: str) -> Section | None:
        """The table under `key`, or None where there is none."""
        self._asked.add(key)
        if key not in self._values:
            return None
        value = self._values[key]
        if not isinstance(value, dict):
            raise self.error(f"'{key}' must be a table.")
        return Section(value, self.file, f"{self.name}.{key}" if self.name else key)

    def sections(self, key: str) -> list[Section]:
        """The tables of an array of tables."""
        self._asked.add(key)
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(f"'{key}' must be written as [[{key}]].")
        return [Section(item, self.file, f"{key} {number}") for number, item in enumerate(value, 1)]

    def done(self) -> None:
        """Refuse keys nobody asked for."""
        unknown = [key for key in self._values if key not in self._asked]
        if unknown:
            near = difflib.get_close_matches(unknown[0], sorted(self._asked), n=1, cutoff=0.5)
            hint = (
                f" Did you mean '{near[0]}'?" if near else f" Known keys: {', '.join(sorted(self._asked))}."
            )
            raise self.error(f"unknown key '{unknown[0]}'.{hint}")


def read_settings(path: Path) -> Section:
    """The whole settings file as a section whose `schema` has been checked."""
    if path.exists() and not (path.is_file() and path.stat().st_size <= LARGEST):
        raise SettingsError(
            f"{path.name}: this is no settings file (a folder, a pipe, or too large). Replace it."
        )
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(
            f"{path}: there is no such file. See docs/workspace.md for what a workspace holds."
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.name}: the file is not UTF-8 text. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path.name}: not readable as TOML: {error}. Correct that line.") from error
    except RecursionError as error:
        raise SettingsError(
            f"{path.name}: its tables lie deeper in each other than any setting. Correct it."
        ) from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}). Look at its permissions.") from error
    section = Section(values, path)
    if section.get("schema", int) != SCHEMA:
        raise section.error(f"schema must be {SCHEMA}; this version of the program reads no other.")
    return section
