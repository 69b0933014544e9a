"""All stories anew, by the rules of this version and the decisions of persons.

The work is done beside the running database, in files of the system's temporary folder where it does
not fit into memory; only the result is written, in one transaction in which articles that came
meanwhile are placed too. Ids of stories are handed down as in any other change, so what was exported
keeps its meaning.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from storage.index.corpus import Corpus, load_renewed_scheme
from storage.reclustering.decisions import load_decisions
from storage.reclustering.recluster_job import ReclusterJob, StoredClustering

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ReclusterResult:
    """What changed, or would. `moved`: articles that are with others than before."""

    articles: int
    stories_before: int
    stories_after: int
    moved: tuple[int, ...]


def recluster(
    corpus: Corpus, *, dry_run: bool = False, progress: Progress | None = None
) -> ReclusterResult:
    """Compare all articles anew and make their stories anew; `dry_run`: only say what changes.

    It also brings the signatures of an older nkwire up to date; those of this version are taken
    as they are. Needs room for some 5 kB an article in the temporary folder. `progress` is called
    now and then with what is done and the whole of it. Raises SchemeError for a database of a
    newer nkwire, OSError if there is no room.
    """
    with TemporaryDirectory(prefix="nkwire-") as folder:
        with corpus.reading() as connection:
            scheme = load_renewed_scheme(connection)
            before, decided = StoredClustering.load(connection), load_decisions(connection)
            work = ReclusterJob(
                connection, scheme, Path(folder), before, decided, keep_results=not dry_run
            )
            work.run(progress or (lambda done, total: None))
        if not dry_run:
            corpus.write(work.store)
            corpus.adopt_scheme(scheme)
    return _compare_clusterings(work)


def _compare_clusterings(work: ReclusterJob) -> ReclusterResult:
    before, after = work.before.story_ids, work.story_positions
    return ReclusterResult(
        articles=len(before),
        stories_before=len(np.unique(before)),
        stories_after=len(np.unique(after)),
        moved=tuple(work.before.ids[work.moved_mask()].tolist()),
    )
