"""The charts of a report: headline, places, forms, change. Each takes a protected release and gives a `Picture`."""

from __future__ import annotations

from mapping.publish.chart_change import draw_change
from mapping.publish.chart_dots import draw_dots
from mapping.publish.chart_forms import draw_forms
from mapping.publish.chart_places import draw_places

__all__ = ["draw_change", "draw_dots", "draw_forms", "draw_places"]
