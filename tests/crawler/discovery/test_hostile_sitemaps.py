"""XML that expands, reads files or asks other hosts: the crawl reads what it lists and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from crawler.sources import Feed, NewsSitemap, Sitemap
from tests.crawler import child
from tests.crawler.conftest import Declare, Site, World

SECRET = "the granite word that stands in no page"


def billion_laughs(_: str, __: str) -> str:
    entities = '<!ENTITY a0 "laugh">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11)
    )
    return f"<!DOCTYPE urlset [{entities}]>@&a10;@"


def quadratic(_: str, __: str) -> str:
    return f'<!DOCTYPE urlset [<!ENTITY a "{"x" * 200_000}">]>@{"&a;" * 5_000}@'


def file_entity(file: str, _: str) -> str:
    return f'<!DOCTYPE urlset [<!ENTITY a SYSTEM "file://{file}">]>@&a;@'


def net_entity(_: str, url: str) -> str:
    return f'<!DOCTYPE urlset [<!ENTITY a SYSTEM "{url}">]>@&a;@'


def parameter_entity(file: str, url: str) -> str:
    return f'<!DOCTYPE urlset [<!ENTITY % a SYSTEM "{url}"> %a; <!ENTITY b SYSTEM "{file}">]>@&b;@'


def external_dtd(_: str, url: str) -> str:
    return f'<!DOCTYPE urlset SYSTEM "{url}">@x@'


def style_sheet(_: str, url: str) -> str:
    return f'<?xml-stylesheet href="{url}" type="text/xsl"?>@x@'


def inclusion(file: str, _: str) -> str:
    return f'@<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{file}" parse="text"/>@'


FILES = [
    *(billion_laughs, quadratic, file_entity, net_entity),
    *(parameter_entity, external_dtd, style_sheet, inclusion),
]
KINDS: dict[str, tuple[Any, str]] = {
    "sitemap": (Sitemap, "<urlset><url><loc>/news/{}</loc></url><url><loc>/news/1</loc></url></urlset>"),
    "news": (NewsSitemap, "<urlset><url><loc>/news/1</loc><news:title>{}</news:title></url></urlset>"),
    "feed": (Feed, "<rss><channel><item><title>{}</title><link>/news/1</link></item></channel></rss>"),
}  # fmt: skip


@pytest.mark.threats("S7")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", FILES, ids=lambda each: each.__name__)
def test_no_entity_is_expanded_no_file_read_and_no_host_asked(
    make: Any, kind: str, site: Site, other_site: Site, declare: Declare, world: World, tmp_path: Path
) -> None:  # fmt: skip
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    site.put_article(1)
    source, form = KINDS[kind]
    head, value, _ = make(str(secret), other_site.url("/x.dtd")).split("@")
    body = f'<?xml version="1.0"?>{head}{form.format(value)}'
    site.put("/s", body, headers=(("Content-Type", "application/xml"),))
    asked = world.pool.submit(
        child.crawl_and_peak_memory, declare(sources=(source(site.url("/s")),)), world.options()
    )
    run, peak = asked.result(120)
    assert peak < 300_000_000
    assert other_site.asked == []
    assert {path for path in site.paths() if path != "/s"} <= {"/news/1"}
    assert SECRET not in run.cause
    assert not [row for row in world.articles() if SECRET in row.title + row.text + row.lead]
