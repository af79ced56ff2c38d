"""What the reader gets: sentences, maps, charts, reports and open data, all from protected releases only."""

from mapping.publish.context import Context
from mapping.publish.county import read_county
from mapping.publish.maps import draw_map
from mapping.publish.plan import Plan, read_plan
from mapping.publish.public_model import exceedance
from mapping.publish.release import write_release, write_report

__all__ = [
    "Context",
    "Plan",
    "draw_map",
    "exceedance",
    "read_county",
    "read_plan",
    "write_release",
    "write_report",
]
