"""Draws how many articles there are over time, as bars stacked by outlet or language."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from storage.plots.fonts import choose_fonts
from storage.plots.picture import (
    FAINT,
    INK,
    Picture,
    add_heading,
    drawing,
    new_axes,
    require_matplotlib,
)
from storage.totals.article_counts import DayCount
from storage.totals.calendar_steps import Step, fitting_step
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NAMES = 8
OTHERS, NO_NAME = "others", "not known"
_LEAST_WIDTH, _MOST_WIDTH, _HEIGHT = 6.0, 12.0, 3.2
_BAR_INCHES = 0.16
_DATE_FORMATS = {
    Step.DAY: "%Y-%m-%d",
    Step.WEEK: "%Y-%m-%d",
    Step.MONTH: "%Y-%m",
    Step.YEAR: "%Y",
}
# By Okabe and Ito, which colour-blind readers can tell apart, and grey for the others.
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#332288")
_OTHERS_COLOUR = "#b8bec6"


@dataclass(frozen=True, slots=True)
class ArticleBars:
    """The bars of the picture.

    `starts`: the first days of the periods with an article. `series`: each name with the number of
    articles of each period and the number of those without a date; the largest first. `others`: how
    many names are one.
    """

    step: Step
    starts: tuple[date, ...]
    others: int
    series: tuple[tuple[str, tuple[int, ...], int], ...]

    @property
    def undated(self) -> int:
        """The number of articles without a date."""
        return sum(undated for _, _, undated in self.series)

    @property
    def articles(self) -> int:
        """The number of all articles."""
        return sum(sum(numbers) for _, numbers, _ in self.series) + self.undated


def make_article_bars(
    counts: Sequence[DayCount], step: Step | None = None, most_names: int = MOST_NAMES
) -> ArticleBars:
    """Adds up the counts. The smaller names become one, `others`. No I/O.

    `step`: None: what fits the time.
    """
    days = [each.day for each in counts if each.day is not None]
    step = step or fitting_step(min(days, default=None), max(days, default=None))
    sums = Counter[str]()
    for each in counts:
        sums[each.name] += each.articles
    ordered = sorted(sums, key=lambda name: (-sums[name], name))
    kept = ordered if len(ordered) <= most_names + 1 else ordered[:most_names]
    names = [*kept, *([OTHERS] if len(kept) < len(ordered) else [])]
    starts = sorted({step.start_of(day) for day in days})
    dated, undated = Counter[tuple[str, date]](), Counter[str]()
    for each in counts:
        name = each.name if each.name in kept else OTHERS
        if each.day is None:
            undated[name] += each.articles
        else:
            dated[name, step.start_of(each.day)] += each.articles
    return ArticleBars(
        step,
        tuple(starts),
        len(ordered) - len(kept),
        tuple(
            (name or NO_NAME, tuple(dated[name, start] for start in starts), undated[name])
            for name in names
        ),
    )


def draw_articles(
    counts: Sequence[DayCount],
    step: Step | None = None,
    title: str = "Articles over time",
) -> Picture:
    """Draws a bar for each period, and one apart for the articles without a date.

    `counts`: as `storage.totals.article_counts.load_day_counts` returns them. Raises what
    `require_matplotlib` does.
    """
    require_matplotlib()
    made = make_article_bars(counts, step)
    names = [name for name, _, _ in made.series]
    fonts = choose_fonts([title, *names])
    drawn_names = fonts.drawable_names(names, "name")
    periods = _count_periods(made)
    with drawing(fonts.families):
        width = min(_MOST_WIDTH, max(_LEAST_WIDTH, _BAR_INCHES * periods))
        figure, axes = new_axes(width, _HEIGHT)
        _draw_bars(axes, made, drawn_names)
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(1, 1),
            borderaxespad=0.8,
            frameon=False,
            handlelength=1.1,
            handleheight=1.1,
            reverse=True,
        )
        add_heading(axes, fonts.drawable(title), [_describe(made)])
    return Picture(figure, fonts.families, fonts.notes(drawn_names))


def _describe(made: ArticleBars) -> str:
    words = f"{format_count(made.articles, 'article')}; a bar is a {made.step.value} (UTC)"
    if not made.undated:
        return words
    are = "is" if made.undated == 1 else "are"
    return f"{words}; {made.undated:,} of them {are} without a date"


def _count_periods(made: ArticleBars) -> int:
    days = {Step.DAY: 1, Step.WEEK: 7, Step.MONTH: 30.4, Step.YEAR: 365.2}[made.step]
    return round((made.starts[-1] - made.starts[0]).days / days) + 1 if made.starts else 1


def _draw_bars(axes: "Axes", made: ArticleBars, drawn_names: dict[str, str]) -> None:
    dates: Any = import_module("matplotlib.dates")  # has no types
    from matplotlib.ticker import MaxNLocator

    starts = [float(dates.date2num(start)) for start in made.starts]
    lengths = [_days_of(start, made.step) for start in made.starts]
    bases, undated_base = [0] * len(starts), 0
    whole = (starts[-1] - starts[0] + lengths[-1]) if starts else 1.0
    undated_width = max(whole * 0.025, lengths[-1] if lengths else 0.5)
    undated_at = (starts[-1] + lengths[-1] if starts else 0.0) + undated_width
    for number, (name, numbers, undated) in reversed(list(enumerate(made.series))):
        colour = _OTHERS_COLOUR if name == OTHERS else _COLOURS[number % len(_COLOURS)]
        edges: Any = {"edgecolor": "white", "linewidth": 0.3}
        axes.bar(
            starts,
            numbers,
            [0.94 * length for length in lengths],
            bases,
            align="edge",
            color=colour,
            label=f"{f'{made.others:,} {OTHERS}' if name == OTHERS else drawn_names[name]} ({sum(numbers) + undated:,})",
            **edges,
        )
        if undated:
            axes.bar(
                [undated_at],
                [undated],
                undated_width,
                undated_base,
                align="edge",
                color=colour,
                hatch="////",
                **edges,
            )
        bases = [base + each for base, each in zip(bases, numbers, strict=True)]
        undated_base += undated
    if made.undated:
        axes.annotate(
            "undated",
            (undated_at + undated_width / 2, 0),
            (0, -6.5),
            textcoords="offset points",
            ha="center",
            va="top",
            color=INK,
            annotation_clip=False,
        )
    _set_time_ticks(axes, starts, lengths, made.step)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines["bottom"].set_visible(True)
    axes.set_ylabel("articles")
    axes.tick_params(axis="x", length=3, colors=INK)


def _set_time_ticks(
    axes: "Axes", starts: Sequence[float], lengths: Sequence[int], step: Step
) -> None:
    """Sets ticks for the dates only, not for the place of the articles without a date."""
    from matplotlib.ticker import FixedLocator

    if not starts:
        axes.set_xticks([])
        return
    dates: Any = import_module("matplotlib.dates")
    first, end = starts[0], starts[-1] + lengths[-1]
    locator = dates.AutoDateLocator(minticks=2, maxticks=7)
    ends = (dates.num2date(first), dates.num2date(end))
    ticks = [float(each) for each in locator.tick_values(*ends) if first <= each < end]
    axes.xaxis.set_major_locator(FixedLocator(ticks or [first]))
    axes.xaxis.set_major_formatter(dates.DateFormatter(_DATE_FORMATS[step]))


def _days_of(start: date, step: Step) -> int:
    end = step.next_start(start) or start + timedelta(days=1)
    return (end - start).days
