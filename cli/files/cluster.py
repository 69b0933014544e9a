"""`nkwire cluster` and `evaluate`: work on files of articles, without a database."""

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import ExitCode, UserError
from cli.labels import ARTICLES_FILE, read_labels
from cli.options import PANEL_FILES, JobsOption, JsonOption, examples, load_config
from cli.show.printing import (
    dumps,
    format_counts,
    print_json,
    print_note,
    print_warning,
    progress,
)
from storage.guard.addresses import NOT_WEB
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cli.engines.decisions import NamedDecision
    from cli.engines.outputs import Outputs, Summary
    from cli.show.evaluation import Evaluation
    from dedup.bulk.task_pool import TaskPool
    from dedup.records import Decision
    from dedup.signature.scheme import Scheme
    from dedup.text.kernel_loader import KernelMode

commands = typer.Typer(rich_markup_mode="rich")

_TITLE_CHARS = 80
"""An article without a headline is shown by the beginning of its text."""

_EVALUATION_SEED = 20310506
"""The seed of the figures in docs/quality.md, so that they can be made again."""


class Engine(StrEnum):
    """Where `nkwire cluster` does its work."""

    LOCAL = "local"
    SPARK = "spark"


@commands.command(
    rich_help_panel=PANEL_FILES,
    epilog=examples(
        "nkwire cluster corpus.jsonl.gz --groups stories.json",
        "nkwire cluster corpus.jsonl --relations edges.jsonl --reports reports.json --seed 7",
        "nkwire cluster corpus.jsonl.gz --groups stories.json --jobs 0",
        "nkwire cluster s3://bucket/docs/ --engine spark --groups stories.json",
    ),
)
def cluster(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="Articles with id, url, title and text: a file (JSON lines, CSV, Parquet ..., as "
            "`nkwire import` reads them), a folder of such files, or the URL of either, such as "
            "s3://BUCKET/docs/.",
        ),
    ],
    groups: Annotated[
        str | None,
        typer.Option(
            metavar="OUT",
            help="Write stories of two or more articles: a JSON list of lists of ids.",
        ),
    ] = None,
    relations: Annotated[
        str | None,
        typer.Option(
            metavar="OUT",
            help="Write relations as JSON lines: a, b, relation, jaccard, containments, reason, "
            "source, spans (positions in the trimmed texts).",
        ),
    ] = None,
    reports: Annotated[
        str | None,
        typer.Option(
            metavar="OUT",
            help="Write reports of two or more articles: a JSON list of lists of ids.",
        ),
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Follow decisions of yours: JSON lines with a and b (the ids of two articles) and "
            "verb (must-link or cannot-link).",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**63 - 1, help="MinHash seed, for a repeatable result."),
    ] = None,
    jobs: JobsOption = 1,
    engine: Annotated[
        Engine,
        typer.Option(
            help="Where to work: in this process, or on Spark (pip install 'nkwire\\[spark]', and "
            "Java 17). Spark's own settings choose the cluster; without any, it works on all cores "
            "of this machine. The results are the same.",
        ),
    ] = Engine.LOCAL,
) -> int:
    """Deduplicate a corpus in files, without a database.

    If no output file is given, the stories go to standard output. The result is the same for any
    number of jobs and with any engine.
    """
    from cli.engines.article_files import choose_kernel, find_article_files
    from cli.engines.outputs import Outputs
    from dedup.signature.scheme import Scheme

    outputs = Outputs(groups, relations, reports)
    outputs.check()
    addresses = find_article_files(source)
    decided: Sequence[NamedDecision] = ()
    if decisions:
        from cli.engines.decisions import read_decisions

        decided = read_decisions(decisions)
    config = load_config()
    seed = config.dedup_seed if seed is None else seed
    scheme = Scheme.new() if seed is None else Scheme(seed=seed)
    kernel = choose_kernel(config.kernel, addresses)
    if engine is Engine.SPARK:
        summary = _cluster_on_spark(addresses, decided, scheme, kernel, outputs)
    else:
        summary = _cluster_here(addresses, decided, scheme, kernel, outputs, jobs)
    if outputs.is_empty:
        print(dumps(summary.groups))
    print_note(
        f"{format_count(summary.articles, 'article')},"
        f" {format_count(summary.stories, 'story', 'stories')},"
        f" {summary.shared_stories:,} of two or more"
    )
    if summary.rejected:
        counts = {f"rejected: {cause}": count for cause, count in summary.rejected.items()}
        print_note(format_counts(counts))
    return ExitCode.PARTIAL if summary.rejected else ExitCode.OK


def _prepare_process(kernel: "KernelMode") -> None:
    """Loads what a process of the pool needs, while the first process loads it, too."""
    import cli.engines.signing  # noqa: F401
    from dedup.text.kernel_loader import load_kernel, use_kernel

    use_kernel(kernel)
    load_kernel()


def _cluster_here(
    addresses: "Sequence[str]",
    decisions: "Sequence[NamedDecision]",
    scheme: "Scheme",
    kernel: "KernelMode",
    outputs: "Outputs",
    jobs: int,
) -> "Summary":
    """Clusters the articles on this machine and writes the files."""
    from dedup.bulk.task_pool import open_task_pool

    with open_task_pool(jobs, partial(_prepare_process, kernel)) as pool:
        return _cluster_in(pool, addresses, decisions, scheme, kernel, outputs)


def _cluster_in(
    pool: "TaskPool",
    addresses: "Sequence[str]",
    decisions: "Sequence[NamedDecision]",
    scheme: "Scheme",
    kernel: "KernelMode",
    outputs: "Outputs",
) -> "Summary":
    from cli.engines.decisions import UNKNOWN_ARTICLE, resolve_decisions
    from cli.engines.job import Reading
    from cli.engines.outputs import Summary, write_clustering
    from cli.engines.signing import RowSigner, sign_files
    from dedup.bulk.cluster import cluster_signed
    from dedup.text.kernel_loader import use_kernel

    summary = Summary()
    no_addresses: list[str] = []
    ids: dict[int, str] = {}

    def note_rejected(cause: str, line: str) -> None:
        summary.rejected[cause] += 1
        if cause == NOT_WEB:
            no_addresses.append(line)
        else:
            print_warning(line)

    def resolve() -> "Iterator[Decision]":
        # Runs once all articles have been read, when their numbers are known.
        numbers = {name: number for number, name in ids.items()} if decisions else {}
        yield from resolve_decisions(
            decisions, numbers, lambda line: note_rejected(UNKNOWN_ARTICLE, line)
        )

    use_kernel(kernel)
    with progress() as bar:
        task = bar.add_task("reading", total=None)
        clustering = cluster_signed(
            sign_files(
                addresses,
                RowSigner(scheme, Reading.start(), reports=outputs.needs_reports),
                ids,
                note_rejected,
                pool,
                lambda done, total: bar.update(task, completed=done, total=total),
            ),
            scheme,
            resolve(),
            relations=outputs.relations is not None,
            pool=pool,
            progress=lambda done: bar.update(
                task, description="comparing", completed=done, total=len(ids)
            ),
        )
    _report_no_addresses(no_addresses, len(no_addresses))
    write_clustering(clustering, ids, outputs, summary)
    summary.articles = len(ids)
    summary.stories = len(clustering.stories)
    summary.shared_stories = sum(len(story.members) > 1 for story in clustering.stories)
    return summary


def _cluster_on_spark(
    addresses: "Sequence[str]",
    decisions: "Sequence[NamedDecision]",
    scheme: "Scheme",
    kernel: "KernelMode",
    outputs: "Outputs",
) -> "Summary":
    """Clusters the articles on Spark and writes the files."""
    from cli.engines.spark_session import start_spark

    with progress(shows_numbers=False) as bar:
        task = bar.add_task("starting Spark", total=None)
        with start_spark() as spark:
            # Imported once Spark is known to be there: they need its extra.
            from cli.engines.job import Job, Reading
            from cli.engines.spark import SparkClustering

            job = Job(
                addresses=tuple(addresses),
                reading=Reading.start(),
                scheme=scheme,
                kernel=kernel,
                with_spans=outputs.relations is not None,
                with_reports=outputs.needs_reports,
            )
            clustering = SparkClustering(
                spark, job, lambda stage: bar.update(task, description=f"{stage} on Spark")
            )
            summary = clustering.run(decisions, outputs)
    no_addresses = [line for cause, line in summary.messages if cause == NOT_WEB]
    told = [line for cause, line in summary.messages if cause != NOT_WEB]
    for line in told:
        print_warning(line)
    untold = summary.rejected.total() - summary.rejected[NOT_WEB] - len(told)
    if untold:
        print_warning(f"{untold:,} more were left out")
    _report_no_addresses(no_addresses, summary.rejected[NOT_WEB])
    return summary


def _report_no_addresses(lines: "Sequence[str]", count: int) -> None:
    """Prints one line for all articles whose address is no http(s) address.

    `lines`: the first messages of `count`.
    """
    if count == 1 and lines:
        print_warning(lines[0])
    elif count:
        first = lines[0].replace(f" {NOT_WEB}:", "", 1) if lines else "not shown"
        print_warning(f"{count:,} left out: {NOT_WEB}, the first is {first}")


@commands.command(
    rich_help_panel=PANEL_FILES,
    epilog=examples(
        "nkwire evaluate labelled",
        "nkwire evaluate labelled --errors 20",
        "nkwire evaluate labelled-2025 labelled-2026 --json",
    ),
)
def evaluate(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...",
            help="Each has input.jsonl (JSON lines with id, url, outlet, title, text, language, "
            "published_at) and the labels: groups.json (copy_groups and reports, each a list of "
            "lists of ids) or labels.csv (columns id, story, report).",
        ),
    ],
    errors: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            max=2**31 - 1,
            help="List the N worst errors of stories and of reports, too.",
        ),
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure how well stories and reports are found, on articles that you have labelled.

    Prints precision (P), recall (R) and F1 of the pairs of articles, and B-cubed (B³) over the
    grouped articles, for each language and across languages.
    """
    from cli.show.evaluation import error_rows, figures_rows, print_errors, print_figures

    evaluations = [each for folder in folders for each in _evaluate_folder(folder, errors)]
    if as_json:
        figures = [row for each in evaluations for row in figures_rows(each)]
        worst = [row for each in evaluations for row in error_rows(each)]
        print_json({"figures": figures, "errors": worst})
        return
    print_figures(evaluations)
    if errors:
        print()
        print_errors(evaluations)


def _evaluate_folder(folder: Path, max_errors: int) -> "Iterator[Evaluation]":
    """Yields how well the stories, then the reports of a labelled folder are found."""
    from cli.engines.outputs import groups_of_ids
    from cli.engines.signing import read_documents
    from cli.show.evaluation import Evaluation
    from dedup.bulk.cluster import cluster_documents
    from dedup.evaluation import compute_figures, find_confusions, label_groups
    from dedup.signature.scheme import Scheme
    from dedup.text.kernel_loader import use_kernel

    file = folder / ARTICLES_FILE
    if not file.is_file():
        raise UserError(f"{file}: no such file")

    def refuse(_cause: str, line: str) -> None:
        raise UserError(line)

    numbered: dict[int, str] = {}
    documents = list(read_documents([str(file)], numbered, refuse))
    labels = read_labels(folder, frozenset(numbered.values()))
    config = load_config()
    use_kernel(config.kernel)
    with progress() as bar:
        tracked = bar.track(documents, description=f"comparing {folder.name}")
        clustering = cluster_documents(
            tracked,
            Scheme(_EVALUATION_SEED if config.dedup_seed is None else config.dedup_seed),
            relations=False,
        )
    ids = list(numbered.values())
    stories = groups_of_ids((story.members for story in clustering.stories), numbered)
    reports = groups_of_ids(clustering.report_members, numbered)
    languages = {numbered[each.id]: each.language for each in documents}
    titles = {numbered[each.id]: each.title or each.text[:_TITLE_CHARS] for each in documents}
    for groups, labelled, found, ignored in (
        ("stories", labels.stories, stories, labels.partial),
        ("reports", labels.reports, reports, []),
    ):
        if labelled is not None:
            yield Evaluation(
                set_name=folder.absolute().name,
                groups=groups,
                figures=compute_figures(labelled, found, languages, ignored),
                confusions=find_confusions(
                    label_groups(labelled, ids), label_groups(found, ids), max_errors
                ),
                titles=titles,
            )
