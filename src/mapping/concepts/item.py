"""How a wave asked a question of the codebook: in which columns, and which of their labels mean what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mapping.concepts.settings import Section

__all__ = ["Item", "Label", "read_item"]

Label = str | int | float


@dataclass(frozen=True, slots=True)
class Item:
    """A codebook item: one variable with value labels, or a multiple response.

    `values` are the labels of each answer. A multiple response has either one variable per box (`variables`), ticked
    where it holds one of `checked` or of the box's own labels in `boxes`, and left open where it is blank, 0, a plain
    "no" or one of `unchecked`; or variables of which any may hold any box (`choices`), told by the labels in `boxes`.
    A cell of these may hold several labels between `separator`. `period` is the time the question was about where it
    was another than the codebook's.
    """

    variable: str = ""
    values: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    checked: tuple[Label, ...] = ()
    unchecked: tuple[Label, ...] = ()
    period: str = ""
    boxes: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    separator: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file in which the answers stand."""
        return (self.variable,) if self.variable else (*self.variables.values(), *self.choices)

    @property
    def offered(self) -> tuple[str, ...]:
        """The boxes of a multiple response."""
        return tuple(self.variables or self.boxes)

    def ticks(self, box: str) -> tuple[Label, ...]:
        """The labels that tick a box."""
        return (*self.boxes.get(box, ()), *self.checked)


def read_item(section: Section) -> Item:
    """The item that a section [items.<name>] describes."""
    boxes = _labels(section.section("boxes"))
    listed = isinstance(section.get("variables", object, ""), list)
    choices = section.texts("variables") if listed else ()
    variables = None if listed else section.section("variables")
    variable = section.get("variable", str, "")
    if sum(map(bool, (variable, variables, choices))) != 1:
        raise section.error("give either 'variable' (one question) or 'variables' (one per box).")
    item = Item(
        variable="" if boxes else variable,
        values=_labels(section.section("values")),
        variables={box: variables.get(box, str) for box in variables.names()} if variables else {},
        checked=section.labels("checked", ()),
        unchecked=section.labels("unchecked", ()),
        period=section.get("period", str, ""),
        boxes=boxes,
        choices=(variable,) if boxes and variable else choices,
        separator=section.get("separator", str, "").strip(),
    )
    _refuse_incomplete(section, item)
    section.done()
    return item


def _labels(section: Section | None) -> dict[str, tuple[Label, ...]]:
    return {name: section.labels(name) for name in section.names()} if section else {}


def _refuse_incomplete(section: Section, item: Item) -> None:
    """Refuse an item that does not say what its labels mean, or says it twice."""
    if item.variable and not item.values:
        raise section.error("'values' is missing: say which value labels mean which answer.")
    if item.values and not item.variable:
        raise section.error(
            "'values' is for a question with one answer; a multiple response has 'boxes' or 'checked'."
        )
    if item.choices and not item.boxes:
        raise section.error("'boxes' is missing: say which label or code stands for which box.")
    if item.choices and (item.checked or item.unchecked):
        raise section.error("'checked' and 'unchecked' are for one variable per box; leave them out.")
    if item.separator and len(item.choices) != 1:
        raise section.error("'separator' is for one 'variable' with several 'boxes' in a cell.")
    if "separator" in section and not item.separator:
        raise section.error("'separator' must be a sign, such as \";\".")
    for box in item.variables:
        if not item.ticks(box):
            raise section.error("'checked' is missing: say which label or code marks a ticked box.")
    if item.variables and (strange := [box for box in item.boxes if box not in item.variables]):
        raise section.error(f"'boxes' names '{strange[0]}', for which 'variables' has no column.")
