"""Numbers with nouns: one thing is not several (`storage.wording.numbers.format_count`)."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOUNS = (
    "addresses alarms answers articles bytes changes characters copies days decisions edits errors"
    " exceptions files hits hosts hours items lines links log messages minutes notes outlets pages"
    " passages problems recordings reports requests revisits rows runs seconds slots sources stories"
    " texts times versions visits words years"
)
COUNTED = re.compile(
    r"\{(?!format_count)(?P<number>[^{}]*)\} (?:more )?(?:" + NOUNS.replace(" ", "|") + r")\b"
)
CONSTANT = re.compile(r"[A-Za-z_.]*\b_?[A-Z][A-Z_]+\b[^a-z(]*(?::[^}]*)?$")
SEVERAL = {
    "cli/arguments/names.py": 1,  # more than one
    "cli/charts/plot.py": 1,  # a request of several
    "cli/commands/imports.py": 1,  # has its own words
    "cli/demo/command.py": 2,  # the demo has several
    "cli/service/alerting.py": 1,  # one line has its own words
    "cli/service/live.py": 2,
    "cli/show/summaries.py": 1,  # has its own words
    "cli/setup/checks/network.py": 2,  # a verb
    "crawler/authoring/inspection.py": 1,  # long lines
    "crawler/crawl/run_outcome.py": 2,  # one has its own words
    "crawler/discovery/listings.py": 1,  # more than MAX_ROWS
    "crawler/pipelines/validate.py": 1,  # more than MAX_TEXT_CHARS
    "crawler/warc/reader.py": 1,
    "crawler/warc/records.py": 1,
    "dedup/copies/compare.py": 3,  # one passage has its own words, and several words
    "dedup/copies/pair_classifier.py": 3,  # more than MAX_NEAR_DAYS; 1.0 days
    "dedup/explain.py": 1,  # 1.0 days
    "dedup/reports/cues.py": 1,
    "dedup/reports/pair_reasons.py": 2,  # 1.0 days
    "dedup/signature/scheme.py": 1,
    "storage/export/streaming.py": 1,  # a setting of several minutes
    "storage/importers/files.py": 1,  # of a whole file
    "storage/saving/prepare.py": 1,  # more than MAX_TEXT_CHARS
    "storage/health/assessment.py": 2,  # more than one
    "storage/health/network_watch.py": 1,  # five or more
    "storage/importers/tables/parquet_file.py": 1,  # of a whole file
    "storage/plots/carriage_map.py": 2,  # of more than are drawn
    "storage/plots/delay_ranges.py": 2,  # the same; one has its own words
    "storage/reports/drawing/spread.py": 1,  # of more than are drawn
    "storage/runs/slots.py": 1,  # a verb
    "storage/search/query.py": 1,  # more than MAX_QUERY_CHARS
    "web/pages/feeds.py": 1,  # more than one
}


def test_one_thing_is_not_several() -> None:
    too_many: dict[str, list[str]] = {}
    for package in ("cli", "crawler", "dedup", "storage", "web", "spiders"):
        for path in (ROOT / package).rglob("*.py"):
            numbers = [
                match["number"]
                for match in COUNTED.finditer(path.read_text("utf-8"))
                if not CONSTANT.match(match["number"])
            ]
            name = path.relative_to(ROOT).as_posix()
            if len(numbers) > SEVERAL.get(name, 0):
                too_many[name] = numbers
    assert not too_many
