"""Pages made to stall a parser or to fill the memory: what a hostile site may send, by kind."""

from collections.abc import Callable, Mapping

SENTENCE = "Rain is expected across the country from tomorrow afternoon, the bureau said. "
_DATA = '<script type="application/ld+json">[%s{}]</script>'


def _times(unit: str, size: int) -> str:
    return unit * (size // len(unit))


def _numbered(unit: str, size: int) -> str:
    """As many units as fit, each with a number of its own at `#`."""
    units = (unit.replace("#", f"{number:x}") for number in range(size))
    total, chosen = 0, []
    for each in units:
        total += len(each)
        if total > size:
            break
        chosen.append(each)
    return "".join(chosen)


def _crowd(size: int) -> str:
    return f"<div {_numbered('a#=1 ', size)}>"


def _behind(opening: str) -> Callable[[int], str]:
    """A tag with very many attributes, behind what a simple reader takes for something else."""
    return lambda size: opening + _crowd(size)


def _deep(tag: str) -> Callable[[int], str]:
    return lambda size: _times(f"<{tag}>", size)


def _tag(opening: str, attribute: str) -> Callable[[int], str]:
    return lambda size: f"{opening}{_numbered(attribute, size)}>"


STALLING: Mapping[str, Callable[[int], str]] = {
    # Attributes are compared pairwise.
    "crowded": _crowd,
    "crowded-in-textarea": _behind("<textarea><!--</textarea>"),
    "crowded-in-title": _behind("<title><script></title>"),
    "crowded-in-noscript": _behind("<noscript><style></noscript>"),
    "crowded-in-iframe": _behind("<iframe><!--</iframe>"),
    "crowded-in-xmp": _behind("<xmp><!--</xmp>"),
    "crowded-in-noembed": _behind("<noembed><script></noembed>"),
    "crowded-in-noframes": _behind("<noframes><style></noframes>"),
    "crowded-in-cdata": _behind("<svg><![CDATA[<!--]]>"),
    "crowded-in-svg-script": _behind("<svg><script><!--</script></svg>"),
    "crowded-in-math": _behind("<math><mtext><style></style></math>"),
    "crowded-in-template": _behind("<template><script></script></template>"),
    "crowded-in-select": _behind("<select><!--></select>"),
    "crowded-in-instruction": _behind("<?x <!-- ?>"),
    "crowded-in-doctype": _behind("<!x <!-- >"),
    "crowded-in-short-comment": _behind("<!-->"),
    "crowded-in-odd-comment": _behind("<!-- --!>"),
    "crowded-in-false-end": _behind("</ <!-- >"),
    "crowded-end-tag": _tag("<p></p ", "a#=1 "),
    "crowded-with-slashes": _tag("<div/", "#/"),
    "crowded-with-equal-signs": _tag("<div ", "=# "),
    "crowded-with-quotes": _tag("<div ", '#=b"=c '),
    "crowded-with-brackets": _tag("<div ", '#=">" '),
    "crowded-in-script-literal": lambda size: (
        "<script>x='\\u003cdiv " + _numbered("# ", size) + f"\\u003e{SENTENCE * 30}'</script>"
    ),
    # Formats left open are repeated in each paragraph.
    "formats": lambda size: _numbered("<font color=#>", size // 2) + _times("<p>a", size // 2),
    "formats-with-attributes": lambda size: (
        "<p>" + "".join(f"<b {_crowd(2000)[5:-1]} i{n}>" for n in range(40)) + _times("<p>x", size)
    ),
    "formats-adopted": lambda size: _numbered("<b id=#><div>", size // 2) + _times("</b>", size // 2),
    "link-with-attributes": lambda size: f"<p><a {_numbered('# ', 2000)}>{_times('<p>x', size)}",
    # Tags look for their ancestors.
    "deep": _deep("div"),
    "deep-lines": _deep("span"),
    "deep-formats": _deep("b"),
    "deep-tables": _deep("table><tr><td"),
    "deep-drawings": _deep("svg><desc"),
    "deep-templates": _deep("template"),
    "deep-with-ends": lambda size: _times("<span>", size // 2) + _times("</x>", size // 2),
    "deep-with-paragraphs": lambda size: _times("<div>", size // 2) + _times("<p>a b.", size // 2),
    "foster": lambda size: "<table>" + _times("x<p>", size),
    "options": lambda size: "<select>" + _times("<option selected>a", size),
    # Very many of something.
    "paragraphs": lambda size: _times("<p>a", 10 * size),
    "line-breaks": lambda size: _times("a<br>", 10 * size),
    "lines": lambda size: "<pre>" + _times("a\n", 10 * size),
    "times": lambda size: _numbered("<p><time datetime=x#>May #th 20201</time>", 4 * size),
    "names": lambda size: _numbered("<meta name=author content='Jo# Smith'>", 4 * size),
    "objects": lambda size: _DATA % _times('{"@type":"NewsArticle"},', 4 * size),
    "entities": lambda size: "<p>" + _times("&notit", 4 * size),
    "nothing": lambda size: "<p>" + "\0" * 10 * size,
}  # fmt: skip
