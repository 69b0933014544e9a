"""Recomputes all stories by the rules of this version and the decisions of persons.

The database stays in use meanwhile. Intermediate results that do not fit into memory are files in
the system's temporary folder. One transaction writes the result and places the articles that
arrived in the meantime. Story ids are assigned as in any other change, so ids in earlier exports
stay valid.
"""

from dataclasses import dataclass

import numpy as np

from dedup.bulk.task_pool import TaskPool
from dedup.temporary_folder import temporary_folder
from storage.batches import ProgressCallback
from storage.index.corpus import Corpus, load_renewed_scheme
from storage.reclustering.decisions import load_decisions
from storage.reclustering.recluster_job import ReclusterJob, StoredClustering


@dataclass(frozen=True, slots=True)
class ReclusterResult:
    """What changed, or would change. `moved`: ids of articles whose story has other members now."""

    articles: int
    stories_before: int
    stories_after: int
    moved: tuple[int, ...]


def recluster(
    corpus: Corpus,
    *,
    dry_run: bool = False,
    progress: ProgressCallback | None = None,
    pool: TaskPool | None = None,
) -> ReclusterResult:
    """Compares all articles again and recomputes their stories.

    `dry_run`: only returns what would change. `progress`: called from time to time with the work
    done and the total. `pool`: reads and compares the texts, in this process if None; the result
    is the same. Signatures of an older nkwire are replaced; those of this version are
    reused. Needs about 5 kB for each article in the temporary folder. Raises DedupSchemeError for a
    database of a newer nkwire, another StorageError, TaskProcessEnded if a worker was killed, or
    OSError if the disk is full; then nothing is changed.
    """
    with temporary_folder() as folder:
        with corpus.snapshot() as connection:
            scheme = load_renewed_scheme(connection)
            before, decisions = StoredClustering.load(connection), load_decisions(connection)
            job = ReclusterJob(
                connection,
                scheme,
                folder,
                before,
                decisions,
                keep_results=not dry_run,
                pool=pool,
            )
            job.run(progress or (lambda done, total: None))
        if not dry_run:
            corpus.write(job.store)
            corpus.adopt_scheme(scheme)
    return _compare_clusterings(job)


def _compare_clusterings(job: ReclusterJob) -> ReclusterResult:
    before, after = job.before.story_ids, job.story_positions
    return ReclusterResult(
        articles=len(before),
        stories_before=len(np.unique(before[before > 0])),
        stories_after=len(np.unique(after)),
        moved=tuple(job.before.ids[job.moved_mask()].tolist()),
    )
