"""KCNA's site of 2012-21: converts its XML answers to HTML."""

import html
import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from crawler.extract.page.page import Page

if TYPE_CHECKING:
    from lxml import etree

ARTICLE_URL = "/kcna.user.article.retrieveArticleInfoFromArticleCode.kcmsf?article_code={0}"
SHOW_ARTICLE_CALL = r"""fn_showArticle\(\s*["'](AR\d{7})["']"""
_CODE = re.compile(r'<article id="kcmsf" data-code="(AR\d{7})">')


def convert_to_html(page: Page) -> Page:
    """Returns an article, or a list of ten, as HTML in `#kcmsf`; other pages unchanged."""
    if b"<xsync" not in page.body[:500]:
        return page
    # With lxml, which a declaration does not need.
    from crawler.discovery.xml_source import parse_xml

    root = parse_xml(page.body)
    if root is None:
        return page
    body = _article(root) if root.find(".//content") is not None else _list(root)
    return page.with_html(body)


def article_code(page: Page) -> str:
    """Returns the article code on a page made by `convert_to_html`; "" if there is none."""
    match = _CODE.search(page.html)
    return match[1] if match else ""


def _article(root: "etree._Element") -> str:
    names = ("articleCode", "mainTitle", "articleCreateDate", "content")
    code, title, date, text = ("".join(_element_texts(root, name)[:1]) for name in names)
    return (
        f'<article id="kcmsf" data-code="{html.escape(code)}"><h1>{title}</h1>'
        f"<time>{date}</time><div>{text}</div></article>"
    )


def _list(root: "etree._Element") -> str:
    # The answer has parallel columns: ten codes, then ten titles, then ten dates.
    columns = (_element_texts(root, name) for name in ("articleCode", "dispTitle", "fCreateDate"))
    rows = (
        f'<li><a href="{html.escape(ARTICLE_URL.format(code))}">{title}</a><time>{date}</time></li>'
        for code, title, date in zip_longest(*columns, fillvalue="")
        if code
    )
    return f'<ul id="kcmsf">{"".join(rows)}</ul>'


def _element_texts(root: "etree._Element", name: str) -> list[str]:
    return ["".join(map(str, element.itertext())).strip() for element in root.iter(name)]
