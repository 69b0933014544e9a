"""Writes the draft of an outlet's declaration, and finds the checkout that authors work in."""

import re
from keyword import iskeyword
from pathlib import Path
from string import Template

from crawler.errors import CrawlerError
from storage.files.making import make_folders

_TEMPLATE = Path(__file__).with_name("outlet.tmpl")


class DraftError(CrawlerError):
    """Raised if no draft can be made of a name and an address; the message says why in one line."""


def write_draft(name: str, home_page: str, folder: Path) -> Path:
    """Writes the draft `NAME.py` for an outlet into a folder, and returns its path.

    `home_page`: the address of the outlet's home page, or its host alone. Raises DraftError for a
    name that cannot be a module's and for an address without a host, FileExistsError if there is
    such a file, and other errors of the file system.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or iskeyword(name):
        raise DraftError(
            f"{name!r} cannot be the name of an outlet: begin with a letter, then use a-z, 0-9 and"
            ' "_"; words of Python such as "class" are not allowed'
        )
    address = re.match(
        r"(?:(https?)://)?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,30})(?=[/?#]|\Z)",
        home_page.lower(),
    )
    if address is None:
        raise DraftError(f"{home_page!r} is no address of a home page, such as www.example.org")
    scheme, host = address.groups()
    domain = host.removeprefix("www.")
    text = Template(_TEMPLATE.read_text("utf-8")).substitute(
        name=name,
        classname="".join(part.capitalize() for part in name.split("_")),
        domain=domain,
        site=f"{scheme}://{host}" if scheme else f"https://www.{domain}",
    )
    make_folders(folder)
    path = folder / f"{name}.py"
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


def find_checkout() -> Path | None:
    """Returns the checkout of nkwire that the current folder lies in, None if it lies in none."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "scrapy.cfg").is_file() and (folder / "spiders/__init__.py").is_file():
            return folder
    return None
