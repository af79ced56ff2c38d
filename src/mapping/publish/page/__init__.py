"""The interactive page: map, table and sentence together, in one file that asks no network for anything.

The table is the control, by keyboard and by screen reader; the map is a picture with a summary in words. Without
scripts the page shows the map and the table of the first measure.
"""

from mapping.publish.page.pages import PROGRAM, pages

__all__ = ["PROGRAM", "pages"]
