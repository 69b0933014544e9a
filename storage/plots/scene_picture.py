"""Draws a scene of `storage.reports.drawing` with matplotlib, for PNG and PDF."""

from typing import TYPE_CHECKING

from storage.plots.fonts import FontChoice, choose_fonts
from storage.plots.picture import Picture, drawing, new_axes, require_matplotlib
from storage.reports.drawing.scene import Arrowhead, Box, Dot, Line, Scene, Shape, Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PIXELS_PER_INCH = 96.0
_POINTS_PER_PIXEL = 0.75
_LINE_OF_WORDS = 0.92  # DejaVu Sans is wider than the fonts that a browser takes


def draw_scene(scene: Scene) -> Picture:
    """Returns the picture of a scene. Raises what `require_matplotlib` does."""
    require_matplotlib()
    fonts = choose_fonts([each.text for each in scene.shapes if isinstance(each, Words)])
    with drawing(fonts.families):
        width, height = scene.width / _PIXELS_PER_INCH, scene.height / _PIXELS_PER_INCH
        figure, axes = new_axes(width, height)
        axes.set_xlim(0, scene.width)
        axes.set_ylim(scene.height, 0)
        axes.set_axis_off()
        for place, shape in enumerate(scene.shapes):
            _draw(axes, shape, place, fonts)
    return Picture(figure, fonts.families, fonts.notes({}))


def _draw(axes: "Axes", shape: Shape, place: int, fonts: FontChoice) -> None:
    from matplotlib.patches import Circle, Polygon, Rectangle

    match shape:
        case Line():
            xs, ys = zip(*shape.points, strict=True)
            width = shape.width * _POINTS_PER_PIXEL
            style = (0, (4, 3)) if shape.is_dashed else "-"
            axes.plot(xs, ys, color=shape.colour, linewidth=width, linestyle=style, zorder=place)
        case Box():
            axes.add_patch(
                Rectangle(
                    (shape.x, shape.y),
                    shape.width,
                    shape.height,
                    facecolor=shape.fill or "white",
                    edgecolor=shape.edge or "none",
                    linestyle=(0, (3, 2)) if shape.is_dashed else "-",
                    zorder=place,
                )
            )
        case Dot():
            axes.add_patch(
                Circle(
                    (shape.x, shape.y),
                    shape.radius,
                    facecolor=shape.fill,
                    edgecolor="none",
                    zorder=place,
                )
            )
        case Arrowhead():
            corners = [
                (shape.x, shape.y),
                (shape.x - 7, shape.y - 3.5),
                (shape.x - 7, shape.y + 3.5),
            ]
            axes.add_patch(Polygon(corners, facecolor=shape.fill, edgecolor="none", zorder=place))
        case Words():
            axes.text(
                shape.x,
                shape.y,
                fonts.drawable(shape.text),
                color=shape.colour,
                fontsize=shape.size * _POINTS_PER_PIXEL * _LINE_OF_WORDS,
                fontweight="bold" if shape.is_bold else "normal",
                zorder=place,
            )
