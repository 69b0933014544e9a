"""Makes pictures with matplotlib that are the same for the same rows, and writes them to files."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any

from storage.errors import InvalidRequest, MissingLibrary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

DEFAULT_DPI = 150
INK, GREY, FAINT = "#1a1a1a", "#5f6670", "#dfe3e8"
_LINE_STEP = 13
_COLUMN_GAP = 9.0  # points
_MOST_DOTS = 100_000_000

_STYLE: dict[str, Any] = {
    "font.size": 9.0,
    "text.color": INK,
    "axes.labelcolor": GREY,
    "xtick.color": GREY,
    "ytick.color": INK,
    "axes.edgecolor": GREY,
    "text.parse_math": False,  # a headline may have two dollar signs
    "axes.unicode_minus": True,
    "svg.fonttype": "path",  # the reader may lack the font
    "svg.hashsalt": "nkwire",
    "pdf.fonttype": 42,
}


class PictureFormat(StrEnum):
    """The formats of a picture."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


_METADATA: dict[PictureFormat, dict[str, None]] = {
    PictureFormat.SVG: {"Date": None, "Creator": None},
    PictureFormat.PNG: {"Software": None},
    PictureFormat.PDF: {"CreationDate": None, "Creator": None, "Producer": None},
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing. A notebook shows it as the last value of a cell.

    `families`: the fonts that it is drawn with. `notes`: what a reader must know: rows that are not
    drawn, letters that no font has.
    """

    figure: "Figure"
    families: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def write(
        self, file: IO[bytes], kind: PictureFormat = PictureFormat.SVG, dpi: int = DEFAULT_DPI
    ) -> None:
        """Writes the picture. The same rows, library and fonts give the same bytes.

        `dpi`: dots an inch, for PNG. Raises InvalidRequest if that is more than 100 million dots.
        """
        with drawing(self.families):
            if kind is PictureFormat.PNG:
                self._check_size(dpi)
            self.figure.savefig(
                file,
                format=kind.value,
                dpi=dpi,
                bbox_inches="tight",
                pad_inches=0.15,
                metadata=_METADATA[kind],
            )

    def _check_size(self, dpi: int) -> None:
        box = self.figure.get_tightbbox()  # in inches
        dots = box.width * box.height * dpi**2
        if dots > _MOST_DOTS:
            raise InvalidRequest(
                f"the picture would have {dots / 1e6:,.0f} million dots: draw fewer rows, take fewer"
                " dots an inch, or write SVG or PDF"
            )

    def to_bytes(self, kind: PictureFormat = PictureFormat.SVG, dpi: int = DEFAULT_DPI) -> bytes:
        """Returns the file that `write` writes."""
        content = io.BytesIO()
        self.write(content, kind, dpi)
        return content.getvalue()

    def _repr_png_(self) -> bytes:
        return self.to_bytes(PictureFormat.PNG, dpi=100)


def require_matplotlib() -> None:
    """Raises MissingLibrary, with the pip command, if matplotlib is not installed.

    Raises InvalidRequest if MPLBACKEND names a backend that matplotlib does not know.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise MissingLibrary(
            "matplotlib is not installed, and pictures need it: pip install 'nkwire[plot]'"
        ) from None
    except ValueError:  # of the import itself: it reads this variable
        raise InvalidRequest(
            "matplotlib does not know the backend in MPLBACKEND: unset this variable"
        ) from None


@contextmanager
def drawing(families: Sequence[str]) -> Iterator[None]:
    """Draws in the block with our style, whatever the user's settings of matplotlib are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        settings: Any = matplotlib.rcParams
        settings.update({**_STYLE, "font.family": list(families)})
        yield


def new_axes(width: float, height: float) -> "tuple[Figure, Axes]":
    """Returns a figure, and axes of this size in inches that fill it.

    What lies outside of the axes makes the picture larger: no name is cut. Needs no screen and
    leaves nothing behind in matplotlib.pyplot.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return figure, axes


def add_heading(axes: "Axes", title: str, lines: Sequence[str]) -> None:
    """Writes a title, and lines under it, above all that is drawn and at its left edge."""
    left, top = _extent(axes)
    for number, line in enumerate(reversed(lines)):
        _write(axes, line, (left, top + 8 + _LINE_STEP * number), GREY, 9, "normal")
    above = top + 11 + _LINE_STEP * len(lines)
    _write(axes, title, (left, above), INK, 13, "bold")


def add_columns(axes: "Axes", rows: Sequence[Sequence[str]]) -> None:
    """Writes a table at the left of the axes: one row of texts for each unit of its y axis.

    The last column is the nearest one. Columns are as wide as their longest text.
    """
    right = -_COLUMN_GAP
    for column in reversed(range(len(rows[0]) if rows else 0)):
        texts = [
            axes.annotate(
                row[column],
                (0, number + 0.5),
                (right, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                ha="left",
                va="center_baseline",
                annotation_clip=False,
            )
            for number, row in enumerate(rows)
        ]
        width = max(_width(axes, each) for each in texts)
        for each in texts:
            each.xyann = (right - width, 0)
        right -= width + _COLUMN_GAP


def _width(axes: "Axes", text: "Text") -> float:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return float(text.get_window_extent(_renderer(axes)).width) * 72 / figure.dpi


def _renderer(axes: "Axes") -> Any:
    figure: Any = axes.get_figure(root=True)
    return figure.canvas.get_renderer()


def _extent(axes: "Axes") -> tuple[float, float]:
    """Returns the left edge and the upper edge of all that is drawn, in points from the corner."""
    figure = axes.get_figure(root=True)
    box = axes.get_tightbbox(_renderer(axes))
    assert figure is not None
    assert box is not None
    corner = axes.get_window_extent(_renderer(axes))
    points = 72 / figure.dpi
    return (box.x0 - corner.x0) * points, max(0, box.y1 - corner.y1) * points


def _write(
    axes: "Axes", text: str, place: tuple[float, float], colour: str, size: float, weight: str
) -> None:
    axes.annotate(
        text,
        (0, 1),
        place,
        xycoords="axes fraction",
        textcoords="offset points",
        color=colour,
        fontsize=size,
        fontweight=weight,
        annotation_clip=False,
    )
