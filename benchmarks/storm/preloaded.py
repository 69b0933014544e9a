"""What the tasks need, loaded once: a fork has it at once. Rounds are short: the corpus is small."""

from importlib import import_module

from crawler.registry import outlets
from storage.index import index_flush
from storage.reports import day_plan

for each in (
    *("cli.app", "storage.export.export", "storage.snapshots.create", "storage.backup.backup"),
    *("storage.reports.deciding", "storage.importers.files", "storage.importers.import_numbers"),
    *("crawler.recorded.warc_archive", "crawler.warc.retention", "alembic.command"),
    *("alembic.script", "psycopg", "sqlalchemy.dialects.postgresql.psycopg"),
):
    import_module(each)
outlets()
index_flush.ARTICLES_PER_ROUND, index_flush.SLICE_COUNT = 16, 4
day_plan.MAX_STORIES_PER_PLAN = 3
