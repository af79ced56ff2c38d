"""The command turns every error into a sentence and an exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping import cli, pipeline
from mapping.errors import BuildError, InputError, MappingError, PrivacyError


def kinds(root: type[MappingError]) -> list[type[MappingError]]:
    return [root, *(kind for child in root.__subclasses__() for kind in kinds(child))]


def test_exit_codes_tell_the_kinds_of_error_apart() -> None:
    assert InputError.exit_code != PrivacyError.exit_code != BuildError.exit_code
    assert all(kind.exit_code not in (0, 2) for kind in kinds(MappingError))


def test_an_error_of_ours_is_a_sentence_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> list[str]:
        raise InputError("ung.sav: column 'f31' is missing. Correct [items] in wave.toml.")

    monkeypatch.setattr(pipeline, "check", refuse)
    assert cli.main(["check"]) == InputError.exit_code
    assert (
        capsys.readouterr().err
        == "mapping: ung.sav: column 'f31' is missing. Correct [items] in wave.toml.\n"
    )


def test_a_fault_of_ours_repeats_nothing_that_another_library_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> list[str]:
        raise ValueError("could not convert '20110919-2382'")

    monkeypatch.setattr(pipeline, "check", fail)
    assert cli.main(["check"]) == 70
    said = capsys.readouterr().err
    assert "2382" not in said
    assert "ValueError in cli.py:" in said


def test_debug_shows_the_error_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> list[str]:
        raise InputError("x")

    monkeypatch.setattr(pipeline, "check", refuse)
    with pytest.raises(InputError):
        cli.main(["--debug", "check"])


def test_wrong_use_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["rebuild", "--wav", "x", "--nonsense"])
    assert stop.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_survey_file_without_a_year_asks_for_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        cli.main(["--workspace", str(tmp_path), "new-wave", str(tmp_path / "skola.sav")])
        == BuildError.exit_code
    )
    assert "--id 2026" in capsys.readouterr().err
