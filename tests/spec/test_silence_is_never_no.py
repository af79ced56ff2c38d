"""Who does not answer is never counted as not exposed: small tables one can read aloud."""

from __future__ import annotations

import io

import pandas as pd

from mapping.codebook import evaluate, load

INDICATORS = load()


def told(table: str, **rest: str) -> None:
    """Check the indicators (S…) of a table drawn as text against its items (n_…), and `rest` answered alike by all."""
    frame = pd.read_csv(io.StringIO(table.replace(" ", "")), sep="|", dtype=str, keep_default_na=False)
    expected = [name for name in frame if name in INDICATORS]
    found = evaluate(INDICATORS, frame.drop(columns=expected).assign(**rest))
    pd.testing.assert_frame_equal(found[expected], frame[expected], check_dtype=False)


def test_choice_of_partner() -> None:
    told("""
    n_partner   | S04      | S05
    own         | no       | no
    conditional | yes      | no
    none        | yes      | yes
    unsure      | unsure   | unsure
    declined    | declined | declined
    skipped     | skipped  | skipped
    """)


def test_a_norm_and_one_more_restriction() -> None:
    told(
        """
    n_wait_sex | n_no_love | n_partner | n_oppsex | n_study | S03    | S15
    yes        | no        | own       | yes      | no      | yes    | yes
    yes        | no        | own       | no       | no      | yes    | no
    yes        | no        | unsure    | no       | skipped | yes    | unsure
    yes        | unsure    | none      | no       | no      | yes    | yes
    no         | unsure    | none      | yes      | yes     | unsure | unsure
    no         | no        | unsure    | unsure   | unsure  | no     | no
    """,
        **dict.fromkeys(("n_leisure_sports", "n_school_sports", "n_clothes", "n_digital"), "no"),
    )


def test_violence_for_the_sake_of_the_familys_name() -> None:
    told("""
    n_viol_fam_physical | n_viol_fam_none | n_viol_reason_honour | n_viol_self_physical | S16      | S17
    yes                 | no              | yes                  | yes                  | yes      | yes
    yes                 | no              | yes                  | no                   | yes      | no
    yes                 | no              | no                   | yes                  | no       | no
    no                  | yes             | skipped              | skipped              | no       | no
    yes                 | no              | unsure               | yes                  | unsure   | unsure
    declined            | declined        | yes                  | skipped              | declined | declined
    """)


def test_who_is_controlled_and_made_to_control() -> None:
    told(
        """
    n_wait_sex | n_partner | n_viol_fam_physical | n_control_expected | n_control_done | S27
    yes        | none      | no                  | yes                | skipped        | yes
    yes        | none      | no                  | no                 | no             | no
    yes        | none      | no                  | no                 | declined       | declined
    no         | own       | no                  | yes                | yes            | no
    no         | own       | yes                 | yes                | no             | unsure
    """,
        n_no_love="no",
        n_viol_reason_honour="unsure",
    )
