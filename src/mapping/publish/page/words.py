"""The sentences that the page's program fills in, with their places open."""

from __future__ import annotations

from typing import Any, Final

from mapping.texts import Texts

__all__ = ["words_of"]

_SENTENCES: Final = (
    "page.below", "page.between", "page.from", "page.map", "page.tile_map", "page.map_missing", "page.no_places",
    "page.no_figure", "page.no_model", "page.counted", "page.about", "page.said_first", "page.said_shown",
    "page.said_uncertain", "page.said_base", "page.said_of", "page.said_no_pupils", "page.compare_choose",
    "page.compare_clear", "page.compare_likely", "page.compare_unclear", "page.compare_apart", "page.compare_same",
    "page.compare_withheld", "page.compare_about", "page.matches", "page.whole", "page.caption",
    "page.summary_estimate", "page.summary_exceedance", "page.summary_uncertain", "page.summary_class",
    "page.summary_table", "picture.alt_range", "picture.target.pupils", "picture.target.risk", "picture.no_pupils",
    "map.title_exceedance", "map.title_exceedance_none", "map.alt_state.withheld", "map.alt_state.none_known",
    "map.alt_state.not_asked", "map.alt_state.no_pupils", "status.withheld", "status.withheld_why",
    "status.not_asked", "status.not_asked_in", "status.none_known", "status.none_known_sentence",
    *(f"map.exceedance.{step}" for step in range(5)), *(f"page.step.{step}" for step in range(5)),
    *(f"group_small.{group}" for group in ("all", "girl", "boy", "other")),
)  # fmt: skip
# every place that a sentence may have: it stays open
_OPEN: Final = {
    name: f"{{{name}}}"
    for name in (
        "base", "chance", "count", "definition", "group", "high", "label", "less", "low", "measure", "more", "name",
        "of", "sentence", "share", "total", "wave",
    )
}  # fmt: skip


def words_of(texts: Texts) -> dict[str, Any]:
    """The sentences by key; two forms where the number of things decides."""
    words: dict[str, Any] = {key: _sentence(texts, key) for key in _SENTENCES}
    words["percent"] = texts.percent(0).replace("0", "{share}")
    words["comma"] = texts.number(0.5, 1)[1]
    return words


def _sentence(texts: Texts, key: str) -> str | list[str]:
    many = texts(key, **_OPEN)
    one = texts(key, **_OPEN | {"count": 1})
    return many if one == many.replace("{count}", "1") else [one, many]
