"""What a hostile page can print: markup, code, hidden letters, endless lines. All of it is shown as text."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from storage import open_database
from storage.records import Capture, Dateline
from storage.tables.articles import article
from tests.web import corpus
from tests.web.conftest import DECLARED, Site, serving
from tests.web.markup import html_errors, unsafe_markup
from web.options import WebOptions

SCRIPT = "<script>alert(1)</script>"
OLD_ADDRESS = "https://herald.example/old"
HIDDEN = "\u202e\u200b\ufeff\U000e0041"
TEXT = (
    f'KCNA said {SCRIPT} "><img src=x onerror=alert(1)> {HIDDEN} ]]> {{{{ 7*7 }}}} &amp; \ud800\x00'
)


@pytest.fixture(scope="module")
def site(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A web process on a corpus with two hostile articles, each edited once."""
    path = tmp_path_factory.mktemp("hostile") / "nkwire.db"
    shutil.copy(filled_sqlite, path)
    url = f"sqlite:///{path}"
    with open_database(url) as database:
        for number, address in enumerate((OLD_ADDRESS, "https://herald.example/x")):
            text = TEXT if number == 0 else f"{'a' * 500_000}\n{TEXT * 2_000}"
            first = corpus.article("herald", f"x{number}", f"{SCRIPT}{HIDDEN}", "", corpus.DAY)
            hostile = replace(
                first,
                text=text,
                url=address,
                canonical_url=address,
                authors=(SCRIPT,),
                tags=(SCRIPT, HIDDEN),
                captions=(SCRIPT,),
                section=SCRIPT,
                dateline=Dateline(place=SCRIPT),
                language='en"><script>',
                evidence={SCRIPT: SCRIPT},
                published_raw=SCRIPT,
            )
            database.save([hostile])
            at = corpus.DAY + timedelta(days=1, minutes=number)
            capture = Capture(
                url=address, fetched_at=at, status=200, warc_file=SCRIPT, warc_offset=1
            )
            edit = replace(hostile, title=f"{SCRIPT}{SCRIPT}", text=f"{text} {SCRIPT}")
            database.save(
                [replace(edit, capture=capture, authors=(f"{SCRIPT}2",), first_seen_at=at)]
            )
        database.changes.rebuild()
        # Such an address is not stored any more, but an old database may hold it.
        script = {"url": "javascript:alert(1)", "canonical_url": "javascript:alert(1)"}
        stored = update(article).where(article.c.url == OLD_ADDRESS).values(script)
        assert database.write(lambda connection: connection.execute(stored).rowcount) == 1
    with serving(WebOptions(database_url=url, port=0, outlets=DECLARED)) as running:
        yield running


def _pages(site: Site) -> list[str]:
    rows = site.get("/changes.json").json["changes"]
    edits = [row for row in rows if SCRIPT in row["title"]]
    assert len(edits) == 2
    paths = [f"/diff/{row['from']}/{row['to']}" for row in edits]
    paths += [f"/articles/{row['article']}" for row in edits]
    paths += [f"/articles/{row['article']}?version={row['from']}" for row in edits]
    return ["/changes", *paths]


def test_everything_is_shown_as_text(site: Site) -> None:
    for path in _pages(site):
        page = site.get(path)
        assert page.status == 200, path
        assert html_errors(page.body) == [], path
        assert unsafe_markup(page.body) == [], path
        assert "<img" not in page.text, path
        assert not set(HIDDEN) & set(page.text), path


def test_the_twins_hold_the_words_as_they_are(site: Site) -> None:
    for path in _pages(site):
        address, _, rest = path.partition("?")
        twin = site.get(f"{address}.json{'?' if rest else ''}{rest}")
        assert twin.status == 200
        assert SCRIPT in str(twin.json)
