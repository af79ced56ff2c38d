"""The draft as a form in a workbook, with drop-downs, for those who do not write TOML; and the form read back.

Sheet 1 asks what each variable is used as, sheet 2 what each of its labels means. What is sure is filled in; what is
in doubt is proposed beside an empty cell.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from mapping.concepts.question import Question
from mapping.concepts.responses import ELSEWHERE
from mapping.ingest.drafting.draft import GROUPS, Draft, Role
from mapping.ingest.drafting.likeness import Proposal, Variable, silence
from mapping.ingest.raw import visible

__all__ = ["ANSWERS", "EMPTY", "MEANINGS", "TICKED", "UNUSED", "USES", "VARIABLES", "choices", "form"]

VARIABLES, ANSWERS, LISTS = "1 Variabler", "2 Svar", "Val"
UNUSED = "– används inte / not used"
USES: Mapping[str, str] = {
    "respondent": "löpnummer / running number",
    "school": "skola / school",
    "class": "klass / class",
    "stratum": "stratum / stratum",
    "psu": "urvalsenhet / sampling unit",
    "weight": "vikt / weight",
    "area": "stadsdel / district",
    "sex": "kön / sex",
    "grade": "årskurs / grade",
}
TICKED, EMPTY = "ticked", "empty"
MEANINGS: Mapping[str, str] = {
    "unsure": "vet inte / don't know",
    "declined": "vill inte svara / declined",
    "skipped": "inget svar / no answer",
    TICKED: "ikryssad / ticked",
    EMPTY: "ej ikryssad / not ticked",
    "girl": "flicka / girl",
    "boy": "pojke / boy",
    "other": "annat / other",
    ELSEWHERE: "annan kommun / elsewhere",
}
_LINES = (
    "Formulär för en ny mätning / Form for a new wave",
    "1. Bladet ”1 Variabler”: välj i gul kolumn vad varje variabel används som. "
    "Det som är säkert är redan valt; övrigt är förslag med poäng (0–100) och tvekan.",
    "2. Bladet ”2 Svar”: välj i gul kolumn vad varje svar betyder, för de variabler som används.",
    "3. Spara, och läs tillbaka: python -m mapping new-wave FIL --form wave-form.xlsx",
    "",
    "1. Sheet “1 Variabler”: choose in the yellow column what each variable is used as. "
    "What is sure is chosen already; the rest is proposed, with a score (0–100) and its doubt.",
    "2. Sheet “2 Svar”: choose in the yellow column what each answer means, for the variables that are used.",
    "3. Save it, and read it back: python -m mapping new-wave FILE --form wave-form.xlsx",
)
_HEADS = {
    VARIABLES: (
        "Variabel / Variable", "Frågans text / Text", "Förslag / Proposal", "Poäng / Score", "Tvekan / Doubt",
        "Används som / Used as",
    ),
    ANSWERS: ("Variabel / Variable", "Svar / Label", "Förslag / Proposal", "Betyder / Means"),
}  # fmt: skip
_WIDTHS = {VARIABLES: (20, 60, 42, 12, 46, 48), ANSWERS: (20, 48, 42, 42)}
_INK, _ASK = PatternFill("solid", fgColor="1F3B57"), PatternFill("solid", fgColor="FFF6CC")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def choices(questions: Mapping[str, Question]) -> dict[str, str]:
    """What a variable can be used as: key ("school", "n_partner", "n_leisure.sports") to the words of the drop-down."""
    found = dict(USES)
    for name, question in questions.items():
        if question.boxes:
            for box, labels in question.boxes.items():
                words = next((row[0] for row in labels.values() if row), box)
                found[f"{name}.{box}"] = f"{name}.{box}: {words}"
        else:
            found[name] = f"{name}: {next(iter(question.text.values()), '')}"[:120]
    return found


def _key(use: Role | Proposal, draft: Draft) -> str:
    if isinstance(use, Proposal):
        return f"{use.item}.{use.box}" if use.box else use.item
    return next(key for key, role in draft.roles.items() if role is use)


def _doubts(use: Role | Proposal, draft: Draft) -> list[str]:
    if isinstance(use, Role):
        return [use.doubt] if use.doubt else []
    return list(use.doubts)


def _meant(variable: Variable, label: str, use: Role | Proposal | None, draft: Draft) -> str:
    """What a label is thought to mean, as a key of `MEANINGS`, an answer code or a level; "" where nobody knows."""
    if isinstance(use, Role):
        levels = draft.levels.get(_key(use, draft))
        found = levels.labels if levels else {}
        return next((level for level, labels in found.items() if label in labels), silence(label))
    if kind := silence(label):
        return kind
    if isinstance(use, Proposal) and use.box:
        ticks = draft.ticks[use.item]
        return (TICKED if label in ticks.checked else EMPTY) if len(ticks.checked) == 1 else ""
    return next((code for code, labels in use.answers.items() if label in labels), "") if use else ""


def _asked(draft: Draft) -> Iterator[tuple[Variable, Role | Proposal | None]]:
    """The variables whose labels sheet 2 asks about: not those that carry the design."""
    used = draft.used
    for variable in draft.variables:
        use = used.get(variable.name)
        if not isinstance(use, Role) or _key(use, draft) in {*GROUPS, "area"}:
            yield variable, use


def _write(sheet: Worksheet, row: int, cells: Sequence[object]) -> None:
    """A row whose texts stay texts: what a file holds is never taken for a formula; as high as its texts need."""
    widths = _WIDTHS.get(sheet.title, (110,))
    lines = [-(-len(str(value or "")) // (width - 2)) for value, width in zip(cells, widths, strict=False)]
    sheet.row_dimensions[row].height = 15 * max(1, *lines, 1)
    for column, value in enumerate(cells, 1):
        cell: Any = sheet.cell(row, column)
        if isinstance(value, str):
            cell.value = _FORBIDDEN.sub("", value)
            cell.data_type, cell.quotePrefix = "s", True
        else:
            cell.value = value
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _dress(sheet: Worksheet, title: str) -> None:
    for column, (head, width) in enumerate(zip(_HEADS[title], _WIDTHS[title], strict=True), 1):
        cell: Any = sheet.cell(1, column)
        cell.value, cell.font, cell.fill = head, Font(bold=True, color="FFFFFF"), _INK
        sheet.column_dimensions[get_column_letter(column)].width = width
    for (cell,) in sheet.iter_rows(min_row=2, min_col=len(_HEADS[title]), max_col=len(_HEADS[title])):
        cell.fill = _ASK
    sheet.freeze_panes = "B2"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.auto_filter.ref = sheet.dimensions


def _drop_down(sheet: Worksheet, column: int, formula: str) -> None:
    letter = get_column_letter(column)
    rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
    rule.errorStyle = "warning"  # a level of one's own may be written
    rule.error, rule.errorTitle = "Det står inte i listan / It is not in the list", "?"
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{max(sheet.max_row, 2)}")


def _variables(sheet: Worksheet, draft: Draft, words: Mapping[str, str]) -> None:
    used = draft.used
    for row, variable in enumerate(draft.variables, 2):
        text = "" if variable.text == variable.name else visible(variable.text)
        use = used.get(variable.name)
        if use is None:
            _write(sheet, row, [variable.name, text, "", None, "", UNUSED])
            continue
        proposed, doubts = words[_key(use, draft)], _doubts(use, draft)
        score = use.score if isinstance(use, Proposal) else None
        _write(
            sheet, row, [variable.name, text, proposed, score, "; ".join(doubts), "" if doubts else proposed]
        )


def _answers(sheet: Worksheet, draft: Draft) -> None:
    row = 2
    for variable, use in _asked(draft):
        doubtful = use is None or bool(_doubts(use, draft))
        for label in variable.labels:
            meant = _meant(variable, label, use, draft)
            shown = MEANINGS.get(meant, meant)
            _write(
                sheet, row, [variable.name, label, shown, "" if doubtful and not silence(label) else shown]
            )
            row += 1


def form(draft: Draft, questions: Mapping[str, Question]) -> bytes:
    """The workbook (.xlsx) in which an analyst decides a draft."""
    book, words = Workbook(), choices(questions)
    intro: Any = book.active
    intro.title = "Läs mig"
    intro.column_dimensions["A"].width = 110
    for row, line in enumerate(_LINES, 1):
        _write(intro, row, [line])
    intro["A1"].font = Font(bold=True, size=14)
    variables, answers, lists = (book.create_sheet(title) for title in (VARIABLES, ANSWERS, LISTS))
    uses = [UNUSED, *words.values()]
    codes = [code for question in questions.values() for code in question.answers]
    levels = [level for found in draft.levels.values() for level in found.labels]
    meanings = list(dict.fromkeys([*MEANINGS.values(), *(MEANINGS.get(c, c) for c in (*codes, *levels))]))
    for column, values in enumerate((uses, meanings), 1):
        for row, value in enumerate(values, 1):
            lists.cell(row, column).value = value
    lists.sheet_state = "hidden"
    _variables(variables, draft, words)
    _answers(answers, draft)
    for sheet, title in ((variables, VARIABLES), (answers, ANSWERS)):
        _dress(sheet, title)
    _drop_down(variables, 6, f"='{LISTS}'!$A$1:$A${len(uses)}")
    _drop_down(answers, 4, f"='{LISTS}'!$B$1:$B${len(meanings)}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
