"""A rule in plain words, in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mapping.codebook.entry import Entry
from mapping.codebook.rules import Answer, Not, Part, Several, Tree
from mapping.concepts.question import Labels, Question
from mapping.texts import Texts

__all__ = ["in_words", "label"]


def label(labels: Labels, language: str) -> str:
    """The first of the labels an answer usually carries."""
    return next(iter(labels.get(language, ())), "")


class _Speaker:
    def __init__(self, entry: Entry, entries: Mapping[str, Entry], texts: Texts) -> None:
        self.entry, self.entries, self.texts = entry, entries, texts
        self.case = entry.side == "case"
        self.only = not self.case and len(entry.questions) == 1  # then the question goes without saying

    def say(self, tree: Tree, *, within: bool = False) -> str:
        """The words for a tree; joined parts stand in brackets within another."""
        if isinstance(tree, Answer):
            return self._answer(tree)
        if isinstance(tree, Part):
            return self._indicator(tree.id)
        if isinstance(tree, Not):
            return self.texts("codebook.says.not", part=self.say(tree.part))
        if tree.boxes:
            return self._boxes(tree)
        parts = [self.say(part, within=True) for part in tree.parts]
        if tree.needed not in {1, None} or tree.answered:
            return self._count(tree, parts)
        said = self._joined("or" if tree.needed == 1 else "and", parts)
        return f"({said})" if within and len(parts) > 1 else said

    def _joined(self, word: str, parts: Iterable[str]) -> str:
        return f" {self.texts(f'codebook.says.{word}')} ".join(parts)

    def _indicator(self, id_: str) -> str:
        return f"{self.entries[id_].name[self.texts.language]} ({id_})"

    def _count(self, tree: Several, parts: list[str]) -> str:
        needed, listed = tree.needed or len(parts), ", ".join(parts)
        if not tree.answered:
            return self.texts("codebook.says.at_least", needed=needed, parts=listed)
        return self.texts("codebook.says.answered", needed=needed, parts=listed, answered=tree.answered)

    def _question(self, column: str) -> Question:
        return next(q for q in self.entry.questions.values() if column in q.columns())

    def _key(self, kind: str) -> str:
        return f"codebook.says.{'field_' if self.case else 'only_' if self.only else ''}{kind}"

    def _answer(self, answer: Answer) -> str:
        question, language = self._question(answer.column), self.texts.language
        asked = question.text[language]
        if question.boxes:
            box = question.boxes[answer.column.removeprefix(f"{question.id}_")]
            return self.texts(self._key("box"), box=label(box, language), question=asked)
        chosen = [labels for code, labels in question.answers.items() if code in answer.codes]
        quoted = [self.texts("codebook.says.quoted", text=label(labels, language)) for labels in chosen]
        said = self._joined("or", dict.fromkeys(quoted))
        return self.texts(self._key("answer"), answers=said, question=asked)

    def _boxes(self, tree: Several) -> str:
        first = tree.parts[0]
        asked = self._question(first.column).text[self.texts.language] if isinstance(first, Answer) else ""
        return self.texts(self._key("any" if tree.needed == 1 else "all"), question=asked)


def in_words(entry: Entry, entries: Mapping[str, Entry], texts: Texts) -> tuple[str, str]:
    """The rule of an indicator and its base in plain words; the base is empty where it is about everyone."""
    speaker = _Speaker(entry, entries, texts)
    if entry.tree is None:
        one, other = (f"{entries[id_].name[texts.language]} ({id_})" for id_ in entry.parts)
        return texts("codebook.says.ratio", one=one, other=other), ""
    return speaker.say(entry.tree), speaker.say(entry.base_tree) if entry.base_tree is not None else ""
