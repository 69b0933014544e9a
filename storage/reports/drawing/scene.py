"""A drawing as a list of simple shapes, and the SVG of it. Lengths are pixels. No I/O."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias
from xml.sax.saxutils import escape

from storage.clean import printable

FONT_SIZE = 12
COLUMN_WIDTH = 7.4
"""The width that is kept for one column of text (`text_width`)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points. `title`: what a reader sees who points at it."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 1.0
    is_dashed: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle. `fill` "": empty."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str = ""
    is_dashed: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A disc."""

    x: float
    y: float
    radius: float
    fill: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Arrowhead:
    """The end of a line that leads to the right, with its point at x, y."""

    x: float
    y: float
    fill: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text on one line, from its left end. `y`: of the base line."""

    x: float
    y: float
    text: str
    colour: str = "#1a1a1a"
    size: int = FONT_SIZE
    is_bold: bool = False


Shape: TypeAlias = Line | Box | Dot | Arrowhead | Words


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing: its size, and its shapes in the order in which they are drawn."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def format_scene(scene: Scene) -> str:
    """Returns a scene as SVG. All text is escaped; the same scene gives the same text."""
    size = f"{_number(scene.width)} {_number(scene.height)}"
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}"',
            f' font-family="sans-serif" font-size="{FONT_SIZE}">\n',
            '<rect width="100%" height="100%" fill="white"/>\n',
            *(f"{each}\n" for shape in scene.shapes for each in _format_shape(shape)),
            "</svg>\n",
        ]
    )


def _format_shape(shape: Shape) -> Iterator[str]:
    match shape:
        case Line():
            (x, y), *others = shape.points
            path = f"M{_number(x)} {_number(y)}" + "".join(
                f"L{_number(x)} {_number(y)}" for x, y in others
            )
            width = f' stroke-width="{_number(shape.width)}"' if shape.width != 1 else ""
            dashes = ' stroke-dasharray="5 4"' if shape.is_dashed else ""
            drawn = f'path d="{path}" fill="none" stroke="{shape.colour}"{width}{dashes}'
            yield _with_title("path", drawn, shape.title)
        case Box():
            place = f'x="{_number(shape.x)}" y="{_number(shape.y)}"'
            size = f'width="{_number(shape.width)}" height="{_number(shape.height)}"'
            edge = f' stroke="{shape.edge}" stroke-width="1.5"' if shape.edge else ""
            dashes = ' stroke-dasharray="3 3"' if shape.is_dashed else ""
            drawn = f'rect {place} {size} rx="2" fill="{shape.fill or "white"}"{edge}{dashes}'
            yield _with_title("rect", drawn, shape.title)
        case Dot():
            place = f'cx="{_number(shape.x)}" cy="{_number(shape.y)}" r="{_number(shape.radius)}"'
            yield _with_title("circle", f'circle {place} fill="{shape.fill}"', shape.title)
        case Arrowhead():
            path = f"M{_number(shape.x)} {_number(shape.y)}l-7 -3.5v7z"
            yield f'<path d="{path}" fill="{shape.fill}"/>'
        case Words():
            size = f' font-size="{shape.size}"' if shape.size != FONT_SIZE else ""
            weight = ' font-weight="bold"' if shape.is_bold else ""
            place = f'x="{_number(shape.x)}" y="{_number(shape.y)}"'
            text = escape(printable(shape.text))
            yield f'<text {place} fill="{shape.colour}"{size}{weight}>{text}</text>'


def _with_title(tag: str, drawn: str, title: str) -> str:
    if not title:
        return f"<{drawn}/>"
    return f"<{drawn}><title>{escape(printable(title))}</title></{tag}>"


def _number(value: float) -> str:
    return f"{round(value, 1):g}"
