"""`scrapy genspider NAME DOMAIN`: Scrapy's command with the outlet template and our class names."""

from argparse import ArgumentParser
from typing import Any

from scrapy.commands import genspider


class Command(genspider.Command):
    """Writes `spiders/NAME.py`, to be completed by hand (docs/adding-an-outlet.md)."""

    def add_options(self, parser: ArgumentParser) -> None:
        super().add_options(parser)
        parser.set_defaults(template="outlet")

    def _generate_template_variables(
        self, module: str, name: str, url: str, template_name: str
    ) -> dict[str, Any]:
        # A test demands that class, file and outlet have the same name.
        variables = super()._generate_template_variables(module, name, url, template_name)
        variables["classname"] = variables["classname"].removesuffix("Spider")
        variables["domain"] = variables["domain"].removeprefix("www.")
        return variables
