"""Runs `nkwire cluster` on Spark: moves rows between the steps, which know nothing of Spark.

The driver holds 16 bytes for each article that has a relation (the roots of components), and what
was rejected. All else stays on the executors, in files. Tasks give the same rows whenever they run
again, so an executor that is lost costs time only.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from cli.engines import comparing_rows, reporting_rows, settling_rows, signing_rows
from cli.engines.arrow_rows import spark_schema
from cli.engines.article_files import has_lines
from cli.engines.comparing_rows import NEEDED, PARTS, RELATION_ROWS, RESULTS, ROOTS
from cli.engines.components import merge_roots, save_roots
from cli.engines.decisions import UNKNOWN_ARTICLE, NamedDecision, resolve_decisions
from cli.engines.job import Job, file_of
from cli.engines.outputs import Outputs, Summary, open_target, write_groups
from cli.engines.reporting_rows import CARRIERS, SINGLES
from cli.engines.signing import ID_GIVEN_BEFORE, describe_repeated
from cli.engines.signing_rows import ARTICLES, BLOCKS, CANDIDATES, FILE_ROWS, IDS, PAIRS
from dedup.records import DecisionVerb
from dedup.temporary_folder import temporary_folder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_MAX_MESSAGES = 1_000
"""Messages about single articles that are fetched to be shown."""

_FILES_PER_CORE = 2
"""With fewer files, their rows are spread over the cores before they are read."""


class SparkClustering:
    """One run. Frames that several steps read are kept on the disks of the executors."""

    def __init__(
        self, spark: "SparkSession", job: Job, on_stage: Callable[[str], None] = lambda stage: None
    ) -> None:
        self._spark = spark
        self._job = job
        self._on_stage = on_stage
        self._summary = Summary()
        self._kept = ExitStack()

    def run(self, decisions: Sequence[NamedDecision], outputs: Outputs) -> Summary:
        """Clusters the articles and writes the files, each whole or not at all.

        Raises UserError and OSError as the readers of files do, CannotWrite if a file cannot be
        written, and what Spark raises.
        """
        with self._kept, temporary_folder() as folder:
            self._on_stage("reading")
            articles = self._read_articles()
            self._job = replace(self._job, decisions=tuple(self._resolve(decisions, articles)))
            self._on_stage("comparing")
            relations = self._compare(self._choose(articles), articles)
            self._on_stage("joining")
            find_roots_file, in_stories = self._find_roots(relations, folder / "roots.npy")
            results = self._settle(articles, relations, find_roots_file)
            self._count(results, in_stories)
            reports = self._link(articles, results, find_roots_file)
            self._on_stage("writing")
            crossing = self._map(
                relations, partial(comparing_rows.finish_crossing, find_roots_file), RESULTS
            )
            self._write(results, crossing, reports, outputs)
        return self._summary

    def _map(self, frame: "DataFrame", step: Callable[..., Any], schema: Any) -> "DataFrame":
        return frame.mapInArrow(step, spark_schema(schema))

    def _keep(self, frame: "DataFrame") -> "DataFrame":
        from pyspark import StorageLevel

        kept = frame.persist(StorageLevel.DISK_ONLY)
        self._kept.callback(kept.unpersist)
        return kept

    def _read_articles(self) -> "DataFrame":
        """Reads and signs the articles; notes what is rejected."""
        count = len(self._job.addresses)
        cores = self._spark.sparkContext.defaultParallelism
        files = self._spark.range(count, numPartitions=min(count, 10 * cores))
        if count >= _FILES_PER_CORE * cores or not all(map(has_lines, self._job.addresses)):
            found = self._map(files, partial(signing_rows.sign_files, self._job), ARTICLES)
        else:
            rows = self._map(files, partial(signing_rows.read_files, self._job), FILE_ROWS)
            spread = rows.repartition("file", "chunk")
            found = self._map(spread, partial(signing_rows.sign_rows, self._job), ARTICLES)
        found = self._keep(found)
        named = found.where("name IS NOT NULL").select("name", "id")
        in_order = named.repartition("name").sortWithinPartitions("name", "id")
        repeated = self._keep(self._map(in_order, signing_rows.find_repeated, IDS))
        repeated_count = repeated.count()
        self._note_rejected(found, repeated, repeated_count)
        articles = found.where("document IS NOT NULL")
        if repeated_count:
            articles = articles.join(repeated, "id", "left_anti")
        self._summary.articles = articles.count()
        return articles

    def _note_rejected(
        self, found: "DataFrame", repeated: "DataFrame", repeated_count: int
    ) -> None:
        """Counts what is left out by cause, and fetches the first messages in order."""
        rejected = found.where("cause IS NOT NULL")
        if repeated_count:
            rejected = rejected.join(repeated, "id", "left_anti")
        for row in rejected.groupBy("cause").count().collect():
            self._summary.rejected[row[0]] += row[1]
        first = rejected.select("id", "cause", "message").orderBy("id").take(_MAX_MESSAGES)
        notes = [(row[0], row[1], _text(row[2])) for row in first]
        if repeated_count:
            self._summary.rejected[ID_GIVEN_BEFORE] += repeated_count
            again = found.join(repeated, "id", "left_semi").select("id", "name").orderBy("id")
            for row in again.take(_MAX_MESSAGES):
                address = self._job.addresses[file_of(row[0])]
                notes.append((row[0], *describe_repeated(address, _text(row[1]))))
        self._summary.messages = [note[1:] for note in sorted(notes)[:_MAX_MESSAGES]]

    def _resolve(self, decisions: Sequence[NamedDecision], articles: "DataFrame") -> Iterator[Any]:
        """Yields the decisions with the ids of their articles, which one look at all names finds."""
        from pyspark.sql import functions

        if not decisions:
            return
        names = {
            name.encode("utf-8", "surrogatepass") for each in decisions for name in (each.a, each.b)
        }
        rows = [(bytearray(name),) for name in sorted(names)]
        wanted = functions.broadcast(self._spark.createDataFrame(rows, "name binary"))
        found = articles.select("name", "id").join(wanted, "name").collect()
        ids = {_text(row[0]): row[1] for row in found}
        yield from resolve_decisions(decisions, ids, self._note_decision)

    def _note_decision(self, message: str) -> None:
        self._summary.rejected[UNKNOWN_ARTICLE] += 1
        self._summary.messages.append((UNKNOWN_ARTICLE, message))

    def _choose(self, articles: "DataFrame") -> "DataFrame":
        """Returns the `CANDIDATES` of all articles."""
        job = self._job
        texts = articles.where("length(text_hash) > 0 OR length(bands) > 0")
        texts = texts.select("text_key", "text_hash", "id", "bands", "fingerprints")
        texts = texts.repartition("text_key").sortWithinPartitions("text_hash", "id")
        texts = texts.drop("text_key")
        tasks = int(self._spark.conf.get("spark.sql.shuffle.partitions", "200"))
        buckets = signing_rows.count_buckets(self._summary.articles, tasks)
        # As rows of their own, the hundred keys of each text would cost Spark more than their work.
        blocks = self._map(texts, partial(signing_rows.post_keys, job, buckets), BLOCKS)
        blocks = blocks.repartition("bucket").sortWithinPartitions("bucket")
        pairs = self._map(blocks, partial(signing_rows.find_pairs, job), PAIRS)
        pairs = pairs.repartition("later").sortWithinPartitions("later", "earlier")
        return self._map(pairs, partial(signing_rows.choose, job), CANDIDATES)

    def _compare(self, candidates: "DataFrame", articles: "DataFrame") -> "DataFrame":
        """Compares all articles with their candidates, to whom their texts travel."""
        texts = candidates.join(articles.select("id", "name", "document"), "id")
        together = texts.repartition("home", "part").sortWithinPartitions("home", "later", "place")
        rows = together.select("later", "place", "id", "surplus", "name", "document")
        return self._keep(
            self._map(rows, partial(comparing_rows.compare, self._job), RELATION_ROWS)
        )

    def _find_roots(self, relations: "DataFrame", path: Path) -> tuple[Callable[[], str], int]:
        """Joins merging relations and must-links to components, on the driver.

        Returns how executors find the file of roots, and the number of articles in it.
        """
        from pyspark import SparkFiles

        merging = relations.where("merges").select("a", "b")
        packed = self._map(merging, comparing_rows.link_pairs, ROOTS)
        chunks = (
            np.frombuffer(row[0], np.int64).reshape(-1, 2) for row in packed.toLocalIterator()
        )
        linked = [(d.a, d.b) for d in self._job.decisions if d.verb is DecisionVerb.MUST_LINK]
        roots = merge_roots([*_as_pairs(linked), *chunks])
        path = path.with_stem(f"{path.stem}-{uuid4().hex}")  # a session can see several runs
        save_roots(path, roots)
        self._spark.sparkContext.addFile(str(path))
        return partial(SparkFiles.get, path.name), len(roots)

    def _settle(
        self, articles: "DataFrame", relations: "DataFrame", find_roots_file: Callable[[], str]
    ) -> "DataFrame":
        """Settles all components; those that need their texts get them in a second pass."""
        members = self._map(
            articles.select("id"), partial(comparing_rows.need_members, find_roots_file), NEEDED
        )
        witnesses = self._map(
            relations, partial(comparing_rows.need_witnesses, find_roots_file), NEEDED
        ).dropDuplicates(["root", "id"])
        needed = members.union(witnesses)
        edges = self._map(relations, partial(comparing_rows.part_relations, find_roots_file), PARTS)
        first = self._keep(self._settle_pass(needed, edges, articles, has_texts=False))
        unsettled = first.where(f"result = {comparing_rows.UNSETTLED}").selectExpr("a AS root")
        second = self._settle_pass(
            needed.join(unsettled, "root", "left_semi"),
            edges.join(unsettled, "root", "left_semi"),
            articles,
            has_texts=True,
        )
        return self._keep(first.where(f"result <> {comparing_rows.UNSETTLED}").union(second))

    def _settle_pass(
        self, needed: "DataFrame", edges: "DataFrame", articles: "DataFrame", *, has_texts: bool
    ) -> "DataFrame":
        data = "document" if has_texts else "member"
        known = articles.select("id", data, "text_hash", "name", "grade")
        documents = needed.join(known, "id").selectExpr(
            *("root", "part", "id AS a", "CAST(NULL AS BIGINT) AS b", f"{data} AS data"),
            *("text_hash", "name AS a_name", "CAST(NULL AS BINARY) AS b_name", "grade"),
            "false AS surplus",
        )
        parts = documents.union(edges).repartition("root")
        in_order = parts.sortWithinPartitions("root", "part", "a", "b")
        step = partial(settling_rows.settle, self._job, has_texts=has_texts)
        return self._map(in_order, step, RESULTS)

    def _count(self, results: "DataFrame", in_stories: int) -> None:
        sizes = _of(results, comparing_rows.STORY).selectExpr("count(*)", "count_if(size > 1)")
        [row] = sizes.collect()
        self._summary.stories = self._summary.articles - in_stories + row[0]
        self._summary.shared_stories = row[1]

    def _link(
        self, articles: "DataFrame", results: "DataFrame", find_roots_file: Callable[[], str]
    ) -> "DataFrame | None":
        """Returns the reports and the relations in them; None if they are not asked for."""
        if not self._job.with_reports:
            return None
        carriers = articles.where("grade IS NOT NULL")
        days = [
            row[0] for row in carriers.select("day").where("day IS NOT NULL").distinct().collect()
        ]
        periods = reporting_rows.find_periods(days)
        singles = self._map(
            carriers.select("id", "grade", "name", "document"),
            partial(comparing_rows.keep_single, find_roots_file),
            SINGLES,
        )
        singles = self._map(singles, partial(reporting_rows.describe_singles, periods), CARRIERS)
        told = _of(results, comparing_rows.STORY).where("b IS NOT NULL")
        told = told.select("a", "b", "grade", "members", "member_names", "lead")
        heads = articles.selectExpr("id AS b", "document")
        stories = told.join(heads, "b").select(
            "a", "grade", "members", "member_names", "lead", "document"
        )
        stories = self._map(stories, partial(reporting_rows.describe_stories, periods), CARRIERS)
        together = singles.union(stories).repartition("period")
        in_order = together.sortWithinPartitions("period", "moment", "rank", "uid")
        return self._keep(self._map(in_order, reporting_rows.link, RESULTS))

    def _write(
        self,
        results: "DataFrame",
        crossing: "DataFrame",
        reports: "DataFrame | None",
        outputs: Outputs,
    ) -> None:
        stories = _of(results, comparing_rows.STORY)
        if outputs.groups:
            with open_target(outputs.groups) as file:
                write_groups(file, _iter_groups(stories))
        if outputs.is_empty:
            self._summary.groups = list(_iter_groups(stories))
        if outputs.reports and reports is not None:
            with open_target(outputs.reports) as file:
                write_groups(file, _iter_groups(_of(reports, comparing_rows.REPORT)))
        if outputs.relations and reports is not None:
            known = results.union(crossing).union(reports)
            lines = _of(known, comparing_rows.RELATION).orderBy("a", "b", "kind").select("line")
            with open_target(outputs.relations) as file:
                for row in lines.toLocalIterator(prefetchPartitions=True):
                    file.write(row[0])


def _of(results: "DataFrame", kind: int) -> "DataFrame":
    return results.where(f"result = {kind}")


def _iter_groups(results: "DataFrame") -> Iterator[list[str]]:
    """Yields the ids of groups of two or more, in order."""
    groups = results.where("size > 1").select("names").orderBy("names")
    for row in groups.toLocalIterator(prefetchPartitions=True):
        yield [_text(name) for name in row[0]]


def _text(name: bytes) -> str:
    return bytes(name).decode("utf-8", "surrogatepass")


def _as_pairs(linked: Iterable[tuple[int, int]]) -> "list[np.ndarray]":
    pairs = np.array(list(linked), np.int64).reshape(-1, 2)
    return [pairs] if len(pairs) else []
