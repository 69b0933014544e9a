"""Charts as SVG, drawn on the server from plain values. No I/O.

`CHARTS` has each drawing function by the name that templates use: `{{ charts.strip(report) }}`.
"""

from collections.abc import Callable, Mapping

from markupsafe import Markup

CHARTS: Mapping[str, Callable[..., Markup]] = {}
