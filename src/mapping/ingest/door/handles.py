"""Accounts on social media, by which one person can be found."""

from __future__ import annotations

import re

__all__ = ["has_handle"]

_HANDLE = re.compile(r"(?<![\w.@])@(?=[\w.]*[a-z])[a-z0-9_][\w.]{2,29}(?![\w(@])")
_PROFILE = re.compile(
    r"\b(?:instagram|tiktok|snapchat|facebook|fb|twitter|x|threads|youtube|linkedin)\.com/"
    r"(?!p/|reel/|watch|hashtag|sharer)(?:@|add/|in/|u/|user/)?[\w.-]{3,}",
    re.IGNORECASE,
)
# "min snap är anna_s09": the account is no word of a sentence, for it holds a digit, a dot or a line
_TOLD = re.compile(
    r"\b(?:snap(?:chat)?|insta(?:gram)?|tiktok|discord|kik)\b(?:\s*(?:är|heter|is|[:=-])\s*|\s+)@?"
    r"(?=\w*[a-zåäö])(?=[\w.]*[\d_.]\w)[\w.]{4,}",
    re.IGNORECASE,
)


def has_handle(text: str) -> bool:
    """Whether the account of somebody stands in `text`.

    >>> has_handle("min snap är anna_s09"), has_handle("snap är roligt")
    (True, False)
    """
    low = text.casefold()
    if "@" in text and _HANDLE.search(text):
        return True
    if ".com/" in low and _PROFILE.search(text):
        return True
    return any(word in low for word in ("snap", "insta", "tiktok", "discord", "kik")) and bool(
        _TOLD.search(text)
    )
