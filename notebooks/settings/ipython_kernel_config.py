"""The kernel of a notebook: no history of what was typed, and no chart that can be uploaded."""

c = get_config()

c.HistoryManager.enabled = False
c.HistoryManager.hist_file = ":memory:"
# the drawing library offers "share", which sends the data of a chart to its maker, unless it is told not to
c.InteractiveShellApp.exec_lines = [
    "import plotly.io as _io",
    "for _name in list(_io.renderers):\n"
    "    if hasattr(_io.renderers[_name], 'config'):\n"
    "        _io.renderers[_name].config = {'showSendToCloud': False, 'plotlyServerURL': '', 'displaylogo': False}",
    "del _io, _name",
]
