"""`scrapy inspect URL|FILE`: shows what each evidence on a page says, and which one is used."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import ClassVar

from rich.console import Console
from rich.markup import escape
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.authoring.fetching import NoPageError, get_page
from crawler.authoring.inspection import Inspection, inspect_page
from crawler.registry import outlet_for, outlets


class Command(ScrapyCommand):
    """Reads a file or fetches a page politely; stores nothing."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_LEVEL": "ERROR"}

    def syntax(self) -> str:
        return "[--url URL] [--outlet NAME] URL|FILE"

    def short_desc(self) -> str:
        return "Show what each evidence on a page says, and which one is used"

    def add_options(self, parser: ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", default="", help="where the file was saved from")
        parser.add_argument("--outlet", default="", help="read it as this outlet's page")

    def run(self, args: list[str], opts: Namespace) -> None:
        if len(args) != 1 or (opts.outlet and opts.outlet not in outlets()):
            raise UsageError("give one URL or FILE, and a declared outlet")
        assert self.settings is not None
        try:
            page = get_page(args[0], opts.url, Path(self.settings["NKWIRE_HOME"]))
        except NoPageError as error:
            Console(stderr=True, soft_wrap=True).print(str(error), style="red", markup=False)
            self.exitcode = 1
            return
        outlet = outlets()[opts.outlet] if opts.outlet else outlet_for(page.url)
        print_inspection(
            inspect_page(page, outlet), outlet.name, Console(highlight=False, soft_wrap=True)
        )


def print_inspection(inspection: Inspection, outlet: str, console: Console) -> None:
    """Prints an inspection.

    On a terminal the evidence that is used is green, and a field without any value is red.
    """
    extraction = inspection.extraction
    reason = f": {extraction.reason}" if extraction.reason else ""
    flags = f"; {', '.join(extraction.flags)}" if extraction.flags else ""
    console.print(
        f"[bold]{outlet}[/]  {inspection.layout}  [bold]{extraction.page_class}[/]{reason}{flags}"
    )
    for name, evidence in inspection.evidence.items():
        has_value = name in extraction.evidence or getattr(extraction.article, name, None)
        console.print(f"\n[bold]{name}[/]" + ("" if has_value else "  [red]no value[/]"))
        for piece in evidence:
            line = f"{escape(piece.source)}: {escape(piece.value)}"
            console.print(f"  [green]* {line}[/]" if piece.is_used else f"    {line}")
