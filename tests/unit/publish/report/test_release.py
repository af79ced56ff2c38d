"""A release in place: whole or not at all."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mapping.disclosure import ProtectedRelease
from mapping.errors import BuildError, DisclosureError, SealError
from mapping.publish import Context, write_release, write_report
from mapping.publish import release as release_module

RELATION = {
    "terms": [["2026|S04|municipality|0199|all", -1], ["2026|S04|area|A0|all", 1]],
    "sense": "=",
    "counts": ["events", "complement"],
}


def everything(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


@pytest.fixture(scope="module")
def audited() -> list[dict[str, bytes]]:
    return []


@pytest.fixture(scope="module")
def placed(
    whole_release: ProtectedRelease,
    context: Context,
    tmp_path_factory: pytest.TempPathFactory,
    audited: list[dict[str, bytes]],
) -> Path:
    folder = tmp_path_factory.mktemp("reports") / "2026"

    def audit(built: Path) -> Mapping[str, Any]:
        audited.append(everything(built))
        assert not folder.exists()
        return {"safe": True, "cells": 12}

    return write_release(whole_release, context, folder, relations=[RELATION], audit=audit)


def test_reports_maps_and_tables_stand_in_the_folder(placed: Path) -> None:
    found = set(everything(placed))
    assert {f"report.{language}.{form}" for language in ("sv", "en") for form in ("pdf", "html")} <= found
    assert {"tables/figures.csv", "tables/figures.sv.csv", "tables/areas.csv", "release.json"} <= found
    maps = {name for name in found if name.startswith("maps/")}
    assert len([name for name in maps if name.endswith(".svg")]) == len(
        [name for name in maps if name.endswith(".png")]
    )
    assert any("S04" in name and "exceedance" in name for name in maps)


def test_nothing_is_left_beside_the_folder(placed: Path) -> None:
    assert [path.name for path in placed.parent.iterdir()] == [placed.name]


def test_the_audit_sees_the_whole_release_before_it_is_put_in_place(
    placed: Path, audited: list[dict[str, bytes]]
) -> None:
    seen, after = audited[0], everything(placed)
    assert seen.keys() == after.keys()
    assert {name for name in after if seen[name] != after[name]} == {"release.json"}


def test_release_json_tells_facts_and_hashes_of_public_files_only(placed: Path) -> None:
    about = json.loads((placed / "release.json").read_text(encoding="utf-8"))
    files = everything(placed)
    del files["release.json"]
    assert about["files"] == {name: hashlib.sha256(made).hexdigest() for name, made in files.items()}
    assert about["audit"] == {"safe": True, "cells": 12}
    assert about["synthetic"] is True
    assert about["approved"] == "Anna Ek, utredare"
    for name in ("report.sv.html", "report.en.html"):
        page = files[name].decode()
        assert page.count("Anna Ek, utredare") == 1
        assert "Bo Al" not in page
    assert about["relations"][0]["terms"][0] == ["2026|S04|municipality|0199|all", -1]
    assert set(about) == {
        "schema", "municipality", "wave", "sequence", "synthetic", "languages", "program", "policy", "approved",
        "audit", "files", "relations", "certificate",
    }  # fmt: skip


def test_the_certificate_is_made_from_what_stands_there(
    whole_release: ProtectedRelease, context: Context, tmp_path: Path, quick: None
) -> None:
    def certify(stage: Path) -> dict[str, object]:
        about = json.loads((stage / "release.json").read_text(encoding="utf-8"))
        assert about["certificate"] is None
        return {"tables": sorted(path.name for path in stage.iterdir())}

    placed = write_release(whole_release, context, tmp_path / "2026", certify=certify)
    about = json.loads((placed / "release.json").read_text(encoding="utf-8"))
    assert about["certificate"] == {"tables": ["release.json", "tables"]}


def test_the_same_release_gives_the_same_bytes(
    whole_release: ProtectedRelease, context: Context, placed: Path, tmp_path: Path
) -> None:
    again = write_release(
        whole_release,
        context,
        tmp_path / "2026",
        relations=[RELATION],
        audit=lambda _: {"safe": True, "cells": 12},
    )
    assert everything(again) == everything(placed)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of one small file, for the tests of how it is put in place."""
    monkeypatch.setattr(
        release_module, "_files", lambda release, context, audited: {"tables/new.csv": b"new"}
    )


def _old(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "old.csv").write_bytes(b"old")


@pytest.mark.usefixtures("quick")
def test_a_new_release_replaces_the_old_one_entirely(
    whole_release: ProtectedRelease, context: Context, tmp_path: Path
) -> None:
    folder = tmp_path / "2026"
    _old(folder)
    write_release(whole_release, context, folder)
    assert set(everything(folder)) == {"release.json", "tables/new.csv"}


@pytest.mark.usefixtures("quick")
def test_a_leak_found_by_the_audit_leaves_the_old_release_untouched(
    whole_release: ProtectedRelease, context: Context, tmp_path: Path
) -> None:
    folder = tmp_path / "2026"
    _old(folder)

    def audit(built: Path) -> Mapping[str, Any]:
        raise DisclosureError("a withheld figure can be worked out")

    with pytest.raises(DisclosureError):
        write_release(whole_release, context, folder, audit=audit)
    assert everything(tmp_path) == {"2026/old.csv": b"old"}


@pytest.mark.usefixtures("quick")
def test_a_full_disk_leaves_the_old_release_untouched(
    whole_release: ProtectedRelease, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "2026"
    _old(folder)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(release_module.os, "fsync", full)
    with pytest.raises(BuildError, match="No space left on device"):
        write_release(whole_release, context, folder)
    assert everything(tmp_path) == {"2026/old.csv": b"old"}


@pytest.mark.usefixtures("quick")
def test_a_swap_that_fails_half_way_puts_the_old_release_back(
    whole_release: ProtectedRelease, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "2026"
    _old(folder)
    rename = Path.rename

    def fails_for_the_new(self: Path, target: Path) -> Path:
        if self.name.endswith(".new"):
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(release_module, "_exchange", lambda one, other: False)  # as on Windows
    monkeypatch.setattr(Path, "rename", fails_for_the_new)
    with pytest.raises(BuildError, match="Close programs that hold its files open"):
        write_release(whole_release, context, folder)
    assert everything(tmp_path) == {"2026/old.csv": b"old"}


def test_a_report_open_in_another_program_gives_one_sentence_and_the_old_release_stays(
    whole_release: ProtectedRelease,
    context: Context,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quick: None,
) -> None:
    """Windows lets no folder be renamed while a program such as Excel holds a file in it open."""
    folder = tmp_path / "Kommunens OneDrive – årsrapport" / "2026"
    _old(folder)

    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Access is denied", str(self), 5, str(target))

    monkeypatch.setattr(release_module, "_exchange", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(BuildError, match="Close programs that hold its files open"):
        write_release(whole_release, context, folder)
    monkeypatch.undo()
    assert everything(folder) == {"old.csv": b"old"}
    assert [path.name for path in folder.parent.iterdir()] == ["2026"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two folders in one step here")
@pytest.mark.usefixtures("quick")
def test_at_no_moment_is_there_no_release(
    whole_release: ProtectedRelease, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "2026"
    _old(folder)
    monkeypatch.setattr(Path, "rename", lambda self, target: pytest.fail("renamed in two steps"))
    write_release(whole_release, context, folder)
    assert set(everything(folder)) == {"release.json", "tables/new.csv"}


@pytest.mark.usefixtures("quick")
def test_what_a_crash_had_moved_aside_is_put_back_first(
    whole_release: ProtectedRelease, context: Context, tmp_path: Path
) -> None:
    _old(tmp_path / ".2026.old")
    (tmp_path / ".2026.new").mkdir()

    def audit(built: Path) -> Mapping[str, Any]:
        raise DisclosureError("stop here")

    with pytest.raises(DisclosureError):
        write_release(whole_release, context, tmp_path / "2026", audit=audit)
    assert everything(tmp_path) == {"2026/old.csv": b"old"}


def test_only_what_the_gate_made_is_put_in_place(context: Context, tmp_path: Path) -> None:
    with pytest.raises(SealError):
        write_release(object(), context, tmp_path / "2026")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_report_alone_can_be_written_for_a_look(
    whole_release: ProtectedRelease, without_districts: Context, tmp_path: Path
) -> None:
    paths = write_report(whole_release, without_districts, tmp_path / "look")
    assert [path.name for path in paths] == [
        "report.en.html",
        "report.en.pdf",
        "report.sv.html",
        "report.sv.pdf",
    ]
    assert all(path.stat().st_size > 5000 for path in paths)
