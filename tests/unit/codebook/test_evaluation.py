"""What the rules make of answers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mapping.codebook import evaluate, load, not_asked_columns
from mapping.concepts.indicator import Indicator
from mapping.errors import SettingsError

INDICATORS = load()
CLOSED = {"n_viol_fam_none": "yes", "n_viol_fam_physical": "no"}


def value(indicator: str, **answers: str | None) -> str:
    """The value of an indicator for one respondent."""
    return str(evaluate(INDICATORS, pd.DataFrame({k: [v] for k, v in answers.items()}))[indicator].iloc[0])


@pytest.mark.parametrize(
    ("answer", "limited", "none"),
    [
        ("own", "no", "no"),
        ("conditional", "yes", "no"),
        ("none", "yes", "yes"),
        ("unsure", "unsure", "unsure"),
        ("declined", "declined", "declined"),
        ("skipped", "skipped", "skipped"),
        (None, "skipped", "skipped"),
        ("", "", ""),
    ],
)
def test_choice_of_partner(answer: str | None, limited: str, none: str) -> None:
    assert (value("S04", n_partner=answer), value("S05", n_partner=answer)) == (limited, none)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("yes", "unsure", "yes"),  # one yes decides an "or"
        ("no", "unsure", "unsure"),
        ("skipped", "unsure", "unsure"),  # unsure is the strongest reason,
        ("skipped", "declined", "declined"),  # then declined, then skipped
        ("declined", "unsure", "unsure"),
        ("no", "no", "no"),
        ("no", "", "no"),  # a question that does not apply adds nothing
        ("", "", ""),
    ],
)
def test_a_virginity_norm_is_either_of_two(first: str, second: str, expected: str) -> None:
    assert value("S03", n_wait_sex=first, n_no_love=second) == expected


def test_both_variant_needs_both() -> None:
    frame = pd.DataFrame({"n_wait_sex": ["yes", "no", "yes"], "n_no_love": ["unsure", "unsure", "yes"]})

    assert evaluate(load(options={"S03": "both"}), frame)["S03"].tolist() == ["unsure", "no", "yes"]


def test_boxes_left_empty_are_skipped_and_never_no() -> None:
    assert value("S09", n_leisure_sports="no", n_leisure_none="yes") == "no"
    assert value("S09", n_leisure_sports="skipped", n_leisure_none="skipped") == "skipped"


def test_only_boxes_that_the_wave_offered_count() -> None:
    assert value("S09", n_leisure_sports="no", n_leisure_evenings="yes", n_leisure_none="no") == "yes"
    assert value("S09", n_leisure_sports="no", n_leisure_none="yes") == "no"


def test_no_violence_at_all_is_a_no_even_if_its_reason_was_not_asked_further() -> None:
    assert value("S16", **CLOSED, n_viol_reason_honour="skipped") == "no"
    assert value("S16", n_viol_fam_physical="yes", n_viol_reason_honour="declined") == "declined"


def test_fgm_applies_to_girls_only() -> None:
    frame = pd.DataFrame({"n_fgm": ["worry", "no", "no"], "sex": ["girl", "boy", "unknown"]})

    assert evaluate(INDICATORS, frame)["S23"].tolist() == ["yes", "", ""]


def test_fgm_is_not_evaluated_where_sex_is_unknown_altogether() -> None:
    assert "S23" not in evaluate(INDICATORS, pd.DataFrame({"n_fgm": ["no"]}))


def test_an_indicator_without_its_items_has_no_column() -> None:
    assert list(evaluate(INDICATORS, pd.DataFrame({"n_clothes": ["yes"]}))) == ["S11"]


def test_a_composite_that_could_never_be_no_is_not_asked() -> None:
    """Without the violence questions nobody can be a "no" in S18, so its share would be 100 per cent."""
    frame = pd.DataFrame(
        {"n_wait_sex": ["yes", "no"], "n_no_love": ["no", "no"], "n_partner": ["none", "own"]}
    )

    found = evaluate(INDICATORS, frame)

    assert found["S15"].tolist() == ["yes", "no"]
    assert "S18" not in found


def test_a_part_that_was_not_asked_leaves_undecided_those_it_would_decide() -> None:
    frame = pd.DataFrame(
        {"n_wait_sex": ["yes", "no"], "n_no_love": ["no", "no"], "n_partner": ["own", "own"]}
    )

    assert evaluate(INDICATORS, frame)["S15"].tolist() == ["skipped", "no"]


def test_an_answer_the_codebook_does_not_know_is_refused_not_counted_as_no() -> None:
    with pytest.raises(SettingsError, match="'n_partner' holds the answer 'parents'"):
        value("S04", n_partner="parents")


def test_the_index_of_the_frame_is_kept_and_the_frame_untouched() -> None:
    frame = pd.DataFrame({"n_study": ["yes", "no"]}, index=[7, 3])
    before = frame.copy()

    assert evaluate(INDICATORS, frame).index.tolist() == [7, 3]
    pd.testing.assert_frame_equal(frame, before)


def test_an_empty_frame_is_evaluated() -> None:
    assert evaluate(INDICATORS, pd.DataFrame({"n_study": pd.Series([], dtype="str")})).shape == (0, 1)


def test_missing_columns_of_a_composite_are_told() -> None:
    lost = not_asked_columns(INDICATORS, pd.DataFrame({"n_wait_sex": ["yes"], "n_partner": ["own"]}))

    assert lost["S03"] == ("n_no_love",)
    assert lost["S04"] == ()
    assert "n_clothes" in lost["S15"]


def test_indicators_from_elsewhere_are_refused() -> None:
    stray = {"S04": Indicator(**{f: getattr(INDICATORS["S04"], f) for f in Indicator.__dataclass_fields__})}

    with pytest.raises(TypeError, match=r"codebook\.load"):
        evaluate(stray, pd.DataFrame())


def test_a_composite_cannot_be_evaluated_without_its_parts() -> None:
    with pytest.raises(ValueError, match="S03 needs S01"):
        evaluate({"S03": INDICATORS["S03"]}, pd.DataFrame())


def test_a_rule_with_not_and_a_count(tmp_path: Path) -> None:
    (tmp_path / "X01.toml").write_text(
        """schema = 1
id = "X01"
name = { sv = "n", en = "n" }
rule = "at_least(2, S11, S12, not S13)"
definition = { sv = "d", en = "d" }
finding = { sv = "f", en = "f" }
sensitivity = 2
finest = "district"
version = "1"
""",
        encoding="utf-8",
    )
    frame = pd.DataFrame(
        {
            "n_clothes": ["yes", "no", "unsure", "declined", ""],
            "n_digital": ["yes", "no", "no", "yes", ""],
            "n_study": ["unsure", "no", "no", "yes", ""],
        }
    )

    assert evaluate(load(tmp_path), frame)["X01"].tolist() == ["yes", "no", "unsure", "declined", ""]
