"""Draws which outlet carried which report, and in which manner: a row for each report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.plots.fonts import FontChoice, choose_fonts
from storage.plots.picture import (
    FAINT,
    GREY,
    INK,
    Picture,
    add_columns,
    add_heading,
    drawing,
    new_axes,
    require_matplotlib,
)
from storage.reports.carriage import Report
from storage.reports.drawing.spread import UNDATED
from storage.reports.drawing.text_width import shorten
from storage.reports.manners import CarriageManner
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_REPORTS, MOST_OUTLETS = 60, 60
_CELL = 0.27
_TITLE_COLUMNS = 72

# From dark to light as the words grow less the agency's own, so that grey paper keeps the order.
MANNER_COLOURS = {
    CarriageManner.ORIGINAL: "#14181f",
    CarriageManner.FIRST_SEEN: "#4a4f57",
    CarriageManner.UNKNOWN: "#747b85",
    CarriageManner.VERBATIM: "#08519c",
    CarriageManner.EDITED: "#3f8fc8",
    CarriageManner.EXCERPT: "#7fb8dd",
    CarriageManner.TRANSLATION: "#b3d4eb",
    CarriageManner.DERIVED: "#deebf7",
}
MANNER_LETTERS = {
    CarriageManner.ORIGINAL: "O",
    CarriageManner.FIRST_SEEN: "F",
    CarriageManner.UNKNOWN: "?",
    CarriageManner.VERBATIM: "v",
    CarriageManner.EDITED: "e",
    CarriageManner.EXCERPT: "x",
    CarriageManner.TRANSLATION: "t",
    CarriageManner.DERIVED: "d",
}
_WHITE_LETTERS = tuple(MANNER_COLOURS)[:5]


@dataclass(frozen=True, slots=True)
class CarriageMap:
    """The rows and columns of the picture.

    `reports`: those that are drawn, by time. `outlets`: those that are drawn, with the number of the
    drawn reports that they carry, the largest first. `all_reports`, `all_outlets`: how many there are.
    """

    reports: tuple[Report, ...]
    outlets: tuple[tuple[str, int], ...]
    all_reports: int
    all_outlets: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not drawn."""
        lines = []
        if len(self.reports) < self.all_reports:
            lines.append(
                f"{len(self.reports):,} of {self.all_reports:,} reports are drawn: those that the"
                " most outlets carry"
            )
        if len(self.outlets) < self.all_outlets:
            lines.append(
                f"{len(self.outlets):,} of {self.all_outlets:,} outlets are drawn: those that carry"
                " the most"
            )
        return tuple(lines)


def make_carriage_map(
    reports: Sequence[Report], most_reports: int = MOST_REPORTS, most_outlets: int = MOST_OUTLETS
) -> CarriageMap:
    """Chooses the reports that the most outlets carry, and the outlets that carry the most. No I/O."""
    widest = sorted(
        reports, key=lambda each: (-len(each.closest_by_outlet()), each.lead.at, each.id)
    )
    drawn = sorted(widest[:most_reports], key=lambda each: (each.lead.at, each.id))
    counts = Counter(name for each in drawn for name in each.closest_by_outlet())
    agencies = {each.outlet for report in drawn for each in report.articles if each.is_agency}
    ordered = sorted(counts, key=lambda name: (name not in agencies, -counts[name], name))
    return CarriageMap(
        reports=tuple(drawn),
        outlets=tuple((name, counts[name]) for name in ordered[:most_outlets]),
        all_reports=len(reports),
        all_outlets=len(ordered),
    )


def draw_carriage(
    reports: Sequence[Report],
    most_reports: int = MOST_REPORTS,
    most_outlets: int = MOST_OUTLETS,
    title: str = "Who carried what",
    fonts: FontChoice | None = None,
) -> Picture:
    """Draws a row for each report, a column for each outlet, and a cell for each manner.

    `reports`: as `storage.reports.carriage.load_carriage` returns them. `fonts`: None: the installed
    ones. Raises what `require_matplotlib` does.
    """
    require_matplotlib()
    made = make_carriage_map(reports, most_reports, most_outlets)
    names = [name for name, _ in made.outlets]
    fonts = fonts or choose_fonts([title, *names, *(each.lead.title for each in made.reports)])
    drawn_names = fonts.drawable_names(names, "outlet")
    notes = (*made.notes, *fonts.notes(drawn_names))
    with drawing(fonts.families):
        height = max(1, len(made.reports)) * _CELL
        figure, axes = new_axes(max(1, len(names)) * _CELL, height)
        axes.set_xlim(0, max(1, len(names)))
        axes.set_ylim(max(1, len(made.reports)), 0)
        _draw_grid(axes)
        for row, report in enumerate(made.reports):
            _draw_row(axes, report, row, names)
            axes.text(
                len(names) + 0.3,
                row + 0.5,
                str(len(report.closest_by_outlet())),
                ha="left",
                va="center_baseline",
                color=GREY,
            )
        add_columns(axes, [_row_labels(each, fonts) for each in made.reports])
        for column, (name, count) in enumerate(made.outlets):
            axes.text(
                column + 0.5,
                -0.3,
                f"{drawn_names[name]} ({count})",
                rotation=60,
                rotation_mode="anchor",
                ha="left",
                va="center",
            )
        _draw_legend(axes)
        _draw_heading(axes, fonts.drawable(title), made)
    return Picture(figure, fonts.families, notes)


def _row_labels(report: Report, fonts: FontChoice) -> tuple[str, str, str]:
    title = shorten(fonts.drawable(report.lead.title), _TITLE_COLUMNS)
    return f"r{report.id}", _day_of(report), title


def _draw_grid(axes: "Axes") -> None:
    axes.set_xticks(range(int(axes.get_xlim()[1]) + 1), labels=[])
    axes.set_yticks(range(int(axes.get_ylim()[0]) + 1), labels=[])
    axes.grid(color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


def _draw_row(axes: "Axes", report: Report, row: int, names: Sequence[str]) -> None:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    cells = []
    for name, each in report.closest_by_outlet().items():
        if name not in names:
            continue
        column = names.index(name)
        cells.append(
            Rectangle(
                (column + 0.04, row + 0.04),
                0.92,
                0.92,
                facecolor=MANNER_COLOURS[each.manner],
                edgecolor="#8aa4bd",
                linewidth=0.4,
            )
        )
        axes.text(
            column + 0.5,
            row + 0.52,
            MANNER_LETTERS[each.manner],
            ha="center",
            va="center_baseline",
            fontsize=7.5,
            color="white" if each.manner in _WHITE_LETTERS else INK,
        )
    axes.add_collection(PatchCollection(cells, match_original=True))


def _draw_legend(axes: "Axes") -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(
            facecolor=colour,
            edgecolor="#8aa4bd",
            linewidth=0.4,
            label=f"{MANNER_LETTERS[manner]}  {manner.label}",
        )
        for manner, colour in MANNER_COLOURS.items()
    ]
    axes.legend(
        handles=handles,
        loc="upper right",
        bbox_to_anchor=(1, 0),
        borderaxespad=1.0,
        ncols=4,
        frameon=False,
        handlelength=1.2,
        handleheight=1.2,
        columnspacing=1.4,
    )


def _draw_heading(axes: "Axes", title: str, made: CarriageMap) -> None:
    lines: list[str] = []
    days = [_day_of(each) for each in made.reports if each.lead.stated]
    period = f" of {min(days)} to {max(days)}" if days else ""
    if made.reports:
        lines.append(
            f"{format_count(len(made.reports), 'report')}{period}, {format_count(len(made.outlets), 'outlet')}."
            " In brackets: reports of the outlet. On the right: outlets of the report."
        )
    add_heading(axes, title, [*lines, *made.notes])


def _day_of(report: Report) -> str:
    """Returns the date of the lead document, as precisely as it is stated."""
    stated = report.lead.stated
    return stated.as_words()[:10] if stated else UNDATED
