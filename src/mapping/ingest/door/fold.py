"""Text as a reader sees it: whatever width, dash, space or invisible sign it was written with."""

from __future__ import annotations

import html
import re
import unicodedata

__all__ = ["folded"]

_AT = re.compile(r"\s?[(\[{]\s?(?:at|snabel-?a|a)\s?[)\]}]\s?|\ssnabel-?a\s", re.IGNORECASE)
_DOT = re.compile(r"\s?[(\[{]\s?(?:dot|punkt)\s?[)\]}]\s?", re.IGNORECASE)


class _Signs(dict[int, str]):
    """What stands for each sign beyond ASCII; looked up once."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        category = unicodedata.category(sign)
        match category:
            case "Cf" | "Cc" if code > 127:
                shown = ""
            case "Me" | "Mn" if (
                category == "Me" or 0xFE00 <= code <= 0xFE0F
            ):  # the frame of a key, a variant of a sign
                shown = ""
            case "Nd":
                shown = str(unicodedata.digit(sign))
            case "Zs" | "Zl" | "Zp":
                shown = " "
            case "Pd":
                shown = "-"
            case _:
                shown = {"−": "-", "∙": ".", "·": ".", "•": ".", "․": "."}.get(sign, sign)
        self[code] = shown
        return shown


_SIGNS = _Signs({code: chr(code) for code in range(128)})


def folded(text: str) -> str:
    """`text` in plain digits, dashes and spaces, without signs that nobody sees; e-mail disguises undone.

    >>> folded("０６０４２１\u200b–９９８０"), folded("anna (at) skola.se")
    ('060421-9980', 'anna@skola.se')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    if "&" in text or "%40" in text:
        text = html.unescape(text).replace("%40", "@")
    if "snabel" in text or "(" in text or "[" in text or "{" in text:
        text = _DOT.sub(".", _AT.sub("@", text))
    return text
