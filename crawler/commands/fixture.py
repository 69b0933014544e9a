"""`scrapy fixture OUTLET URL|FILE`: makes a small page with invented words for the tests."""

import json
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from rich.console import Console
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.authoring.fetching import NoPageError, get_page
from crawler.authoring.page_samples import Sample, make_sample
from crawler.registry import outlets


class Command(ScrapyCommand):
    """Writes `tests/outlets/OUTLET/SLUG.html` and `.json`; a person must review both."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_LEVEL": "ERROR"}

    def syntax(self) -> str:
        return "[--url URL] [--slug SLUG] [--out FOLDER] OUTLET URL|FILE"

    def short_desc(self) -> str:
        return "Make a small sample of a page, with invented words, for an outlet's tests"

    def add_options(self, parser: ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", default="", help="where the file was saved from")
        parser.add_argument("--slug", default="", help="the sample's name (article-2026)")
        parser.add_argument("--out", default="tests/outlets", help="where samples are stored")

    def run(self, args: list[str], opts: Namespace) -> None:
        if len(args) != 2 or args[0] not in outlets():
            raise UsageError("give a declared OUTLET and one URL or FILE")
        assert self.settings is not None
        now = datetime.now(UTC)
        error_console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        try:
            page = get_page(args[1], opts.url, Path(self.settings["NKWIRE_HOME"]))
            sample = make_sample(page, outlets()[args[0]], now)
        except (NoPageError, ValueError) as error:
            error_console.print(str(error), style="red")
            self.exitcode = 1
            return
        kind = "article" if "article" in sample.expected else "list"
        path = write_sample(sample, Path(opts.out) / args[0], opts.slug or f"{kind}-{now.year}")
        for warning in sample.warnings:
            error_console.print(f"check {warning}", style="yellow")
        Console(highlight=False, markup=False, soft_wrap=True).print(
            f"{path} and {path.with_suffix('.json').name}: correct them by the page, then test"
        )


def write_sample(sample: Sample, folder: Path, slug: str) -> Path:
    """Writes both files and returns the page's path.

    Raises FileExistsError: no file is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{slug}{sample.suffix}"
    with path.open("x", encoding="utf-8") as file:
        file.write(sample.html)
    text = json.dumps(sample.expected, ensure_ascii=False, indent=2)
    path.with_suffix(".json").write_text(text + "\n", "utf-8")
    return path
