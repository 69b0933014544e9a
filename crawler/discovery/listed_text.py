"""Cleans the titles and leads of feeds and sitemaps, which may be escaped HTML."""

import html
import re

from crawler.extract.page.clean import clean_line

MAX_LEAD_CHARS = 2000
MAX_ESCAPES = 3  # `&amp;amp;amp;` is seen; more is not
_REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_ESCAPED_AMPERSAND = re.compile(r"&(?:amp|#0{0,5}38|#x26);", re.IGNORECASE)
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<![a-zA-Z\[][^<>]*>|</?([a-zA-Z][a-zA-Z0-9:-]*)(?=[\s/>])[^<>]*>", re.DOTALL
)
# The elements of HTML; `<Interview>` and `<속보>` are words of a headline.
_INLINE = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "blink", "cite", "code", "data", "del",
    "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s",
    "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
])  # fmt: skip
_OTHER = frozenset([
    "address", "applet", "area", "article", "aside", "audio", "base", "blockquote", "body", "br",
    "button", "canvas", "caption", "center", "col", "colgroup", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "embed", "fieldset", "figcaption", "figure", "footer", "form", "frame",
    "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe",
    "img", "input", "legend", "li", "link", "main", "map", "menu", "meta", "nav", "noscript",
    "object", "ol", "optgroup", "option", "output", "p", "param", "picture", "pre", "progress",
    "script", "section", "select", "source", "style", "summary", "svg", "table", "tbody", "td",
    "template", "textarea", "tfoot", "th", "thead", "title", "tr", "track", "ul", "video",
])  # fmt: skip


def plain_text(text: str) -> str:
    """Returns a text on one line, without the tags of HTML and with its references resolved.

    Text that is escaped more than once is unescaped as often.
    """
    for _ in range(MAX_ESCAPES):
        bare = _TAG.sub(_tag_replacement, text)
        text = _REFERENCE.sub(lambda reference: html.unescape(reference[0]), bare)
        if text == bare:
            break
    return clean_line(text)


def clean_address(address: str) -> str:
    """Returns an address as a browser would read it, without the faults of programs that print it.

    It may be broken into lines, have a bare space, lack its scheme, or be escaped once too often.
    """
    line = "".join(part.strip() for part in address.replace("\t", " ").splitlines())
    text = _ESCAPED_AMPERSAND.sub("&", line).replace(" ", "%20")
    return f"https://{text}" if text.lower().startswith("www.") else text


def _tag_replacement(tag: re.Match[str]) -> str:
    name = (tag[1] or "").lower()
    if not name or name in _OTHER:
        return " "
    # Programs write elements of their own too: `<o:p>`, `<amp-img src="...">`.
    return "" if name in _INLINE or ":" in name or "=" in tag[0] else tag[0]
