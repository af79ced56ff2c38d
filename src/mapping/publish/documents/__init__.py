"""Documents for those who must paste: a summary, an answer to the council, a draft for the board, and the figures."""

from mapping.publish.documents.drafts import documents

__all__ = ["documents"]
