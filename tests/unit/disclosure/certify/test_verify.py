"""No forgery of a certificate passes the page that checks it."""

from __future__ import annotations

import copy
import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mapping import codebook, verify
from mapping.disclosure import read_policy

Json = dict[str, Any]


def load(folder: Path) -> Json:
    found: Json = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    return found


def dump(folder: Path, about: Json) -> None:
    (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")


def seal(folder: Path, about: Json) -> None:
    """State the hash of figures.csv, as a release does."""
    made = (folder / "tables" / "figures.csv").read_bytes()
    about["files"] = {"tables/figures.csv": hashlib.sha256(made).hexdigest()}
    dump(folder, about)


def exit_code(folder: Path) -> int:
    return verify.main([str(folder / "release.json")])


def figures(folder: Path) -> list[dict[str, str]]:
    with (folder / "tables" / "figures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rewrite(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "tables" / "figures.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def shown_number(about: Json, folder: Path, status: str) -> int:
    key = next(row["key"] for row in figures(folder) if row["status"] == status)
    return int(about["certificate"]["cells"].index(key))


def no_certificate(about: Json, folder: Path) -> None:
    about["certificate"] = None


def a_number_of_the_base(about: Json, folder: Path) -> None:
    about["certificate"]["base"][shown_number(about, folder, "withheld")][0] += 1


def a_number_of_a_witness(about: Json, folder: Path) -> None:
    about["certificate"]["witnesses"][0][0][1] += 1


def a_shown_base_moved_with_all_it_is_part_of(about: Json, folder: Path) -> None:
    """Every table is doubled: the relations hold, the classes of bases do not."""
    proof = about["certificate"]
    proof["base"] = [[2 * n for n in counts] for counts in proof["base"]]
    proof["witnesses"] = [[[i, *(2 * n for n in moved)] for i, *moved in w] for w in proof["witnesses"]]


def no_witnesses(about: Json, folder: Path) -> None:
    about["certificate"]["witnesses"] = []


def all_nought(about: Json, folder: Path) -> None:
    about["certificate"]["base"] = [[0, 0] for _ in about["certificate"]["base"]]


def a_negative_count(about: Json, folder: Path) -> None:
    about["certificate"]["witnesses"].append([[shown_number(about, folder, "withheld"), -10_000, 10_000]])


def a_fraction(about: Json, folder: Path) -> None:
    base = about["certificate"]["base"]
    base[0] = [base[0][0] + 0.0, base[0][1]]


def a_cell_with_one_count(about: Json, folder: Path) -> None:
    about["certificate"]["base"][0] = about["certificate"]["base"][0][:1]


def a_cell_less(about: Json, folder: Path) -> None:
    about["certificate"]["cells"].pop()
    about["certificate"]["base"].pop()


def a_cell_twice(about: Json, folder: Path) -> None:
    about["certificate"]["cells"][1] = about["certificate"]["cells"][0]


def a_place_that_is_not(about: Json, folder: Path) -> None:
    about["certificate"]["witnesses"].append([[100_000, 1, 1]])


def a_smaller_threshold(about: Json, folder: Path) -> None:
    about["policy"]["small_count"] = 2


def a_sign_turned(about: Json, folder: Path) -> None:
    about["relations"][0]["terms"][0][1] *= -1


def an_equation_turned_into_a_bound(about: Json, folder: Path) -> None:
    about["relations"][0]["sense"] = "<="
    about["relations"][0]["terms"] = [[key, -value] for key, value in about["relations"][0]["terms"][:-1]]


def a_term_less(about: Json, folder: Path) -> None:
    about["relations"][0]["terms"].pop()


def a_term_of_another_cell(about: Json, folder: Path) -> None:
    about["relations"][0]["terms"][1][0] = about["relations"][2]["terms"][1][0]


def no_relations(about: Json, folder: Path) -> None:
    about["relations"], about["certificate"]["relations"] = [], []


def nothing_out_of_reach(about: Json, folder: Path) -> None:
    about["certificate"]["short"] = about["certificate"]["short"][1:]


def more_out_of_reach(about: Json, folder: Path) -> None:
    key = about["certificate"]["cells"][shown_number(about, folder, "withheld")]
    about["certificate"]["short"].append([key, "yes", "high", 3])


def a_wave_said_to_be_counted_anew(about: Json, folder: Path) -> None:
    about["certificate"]["outdated"] = {"1": "@1"}


def fewer_people_in_a_place(about: Json, folder: Path) -> None:
    about["certificate"]["at_most"]["2026|municipality|M"] = 500


def another_share_in_the_table(about: Json, folder: Path) -> None:
    rows = figures(folder)
    row = next(row for row in rows if row["status"] == "shown")
    row["share"] = str(int(float(row["share"])) + 30)
    rewrite(folder, rows)


def another_share_in_the_table_sealed_anew(about: Json, folder: Path) -> None:
    another_share_in_the_table(about, folder)
    seal(folder, about)


def a_blank_taken_out_of_the_table_sealed_anew(about: Json, folder: Path) -> None:
    rewrite(folder, [row for row in figures(folder) if row["status"] != "withheld"])
    seal(folder, about)


def another_class_of_base_sealed_anew(about: Json, folder: Path) -> None:
    rows = figures(folder)
    for row in rows:
        row["base"] = row["base"] and "1000+"
    rewrite(folder, rows)
    seal(folder, about)
    (folder.parent / "ledger" / "ledger.jsonl").write_bytes(
        (folder.parent / "ledger" / "ledger.jsonl").read_bytes().splitlines(keepends=True)[0]
    )


def a_ledger_with_another_number(about: Json, folder: Path) -> None:
    path = folder.parent / "ledger" / "ledger.jsonl"
    path.write_text(path.read_text("utf-8").replace('"share":1', '"share":2', 1), encoding="utf-8")


def no_ledger(about: Json, folder: Path) -> None:
    (folder.parent / "ledger" / "ledger.jsonl").unlink()


FORGERIES = (
    no_certificate,
    a_number_of_the_base,
    a_number_of_a_witness,
    a_shown_base_moved_with_all_it_is_part_of,
    no_witnesses,
    all_nought,
    a_negative_count,
    a_fraction,
    a_cell_with_one_count,
    a_cell_less,
    a_cell_twice,
    a_place_that_is_not,
    a_smaller_threshold,
    a_sign_turned,
    an_equation_turned_into_a_bound,
    a_term_less,
    a_term_of_another_cell,
    no_relations,
    nothing_out_of_reach,
    more_out_of_reach,
    a_wave_said_to_be_counted_anew,
    fewer_people_in_a_place,
    another_share_in_the_table,
    another_share_in_the_table_sealed_anew,
    a_blank_taken_out_of_the_table_sealed_anew,
    another_class_of_base_sealed_anew,
    a_ledger_with_another_number,
    no_ledger,
)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forgery_is_refused_with_a_sentence(
    reports: Path, capsys: pytest.CaptureFixture[str], forge: Callable[[Json, Path], None]
) -> None:
    folder = reports / "2026"
    about = load(folder)
    forge(about, folder)
    dump(folder, about)
    assert exit_code(folder) == 1
    assert "does not hold: " in capsys.readouterr().out


def test_no_witness_can_be_missed(reports: Path) -> None:
    about = load(reports / "2026")
    for number in range(len(about["certificate"]["witnesses"])):
        forged = copy.deepcopy(about)
        del forged["certificate"]["witnesses"][number]
        dump(reports / "2026", forged)
        assert exit_code(reports / "2026") == 1


def single_changes(proof: Json) -> Iterator[Json]:
    for number, counts in enumerate(proof["base"]):
        for side in range(len(counts)):
            forged = copy.deepcopy(proof)
            forged["base"][number][side] += 1
            yield forged


def test_no_number_of_the_base_can_be_another(reports: Path) -> None:
    about = load(reports / "2024")
    for forged in single_changes(about["certificate"]):
        dump(reports / "2024", about | {"certificate": forged})
        assert exit_code(reports / "2024") == 1


def test_a_release_without_certificate_or_file_is_no_accident(tmp_path: Path) -> None:
    assert verify.main([str(tmp_path / "release.json")]) == 1
    (tmp_path / "release.json").write_text("[]", encoding="utf-8")
    assert verify.main([str(tmp_path)]) == 1


def test_the_page_knows_the_gravest_indicators_and_the_default_policy() -> None:
    gravest = {name for name, indicator in codebook.load().items() if indicator.sensitivity == 4}
    known = {
        name
        for name in codebook.load()
        if any({part, part.split(".")[0]} & verify.GRAVE for part in name.split("+"))
    }
    assert gravest == known
    assert all(getattr(read_policy(), name) == small for name, small in verify.SMALL)


def test_a_grave_indicator_cannot_be_called_harmless(reports: Path) -> None:
    assert verify.kind_of("S22", {"classes": {"S22": 2}}, set()) == 1
    assert verify.kind_of("K07.children", {"classes": {}}, {"K07.children"}) == 3
    assert verify.kind_of("S04", {"classes": {"S04": 3}}, set()) == 0
    assert verify.kind_of("own", {"classes": {}}, set()) == 1
