"""Pages of lists are strict HTML, whatever the texts are."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import update

from storage import open_database
from storage.tables.articles import article
from tests.web import corpus
from tests.web.conftest import DECLARED, Site, serving
from tests.web.markup import html_errors, unsafe_markup
from web.options import WebOptions

HOSTILE = (
    "\x1b]0;x\x07<script>alert(1)</script> </h3></ol>]]> & \" ' \x0b\ufffe\u202e<!-- \U0001f4a9"
    "<img src=x onerror=alert(1)>" + "x" * 5_000
)
DAY = "2026-03-20"


@pytest.fixture(scope="module")
def hostile(
    filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, int]]:
    path = tmp_path_factory.mktemp("hostile") / "nkwire.db"
    shutil.copy(filled_sqlite, path)
    with open_database(f"sqlite:///{path}") as database:
        articles = [
            corpus.article(
                outlet,
                key,
                HOSTILE,
                f"{corpus.VISIT}\nglass {HOSTILE}\n{corpus.VISIT_END}",
                corpus.DAY + timedelta(days=18, hours=hour),
            )
            for outlet, key, hour in (("<b>&\"'", "<x", 3), ("herald", 'y"/?#', 4))
        ]
        articles[0].url = "https://herald.example/old"
        database.save(articles)
        # Such an address is not stored any more, but an old database may hold it.
        stored = update(article).where(article.c.url == articles[0].url)
        script = stored.values(url="javascript:alert(1)//<x>")
        assert database.write(lambda connection: connection.execute(script).rowcount) == 1
        story = database.articles.get(database.articles.find("<x")[0]).story_id
    options = WebOptions(database_url=f"sqlite:///{path}", port=0, outlets=DECLARED)
    with serving(options) as site:
        yield site, story


@pytest.mark.parametrize(
    "address",
    [
        "/",
        f"/days/{DAY}",
        f"/days/{DAY}?copies=1&outlet=%3Cb%3E",
        "/search?q=glass&copies=1",
        "/search?q=%3Cscript%3E+%3C/title%3E",
        "/search?q=https://%3Cscript%3E",
        "/reports",
        "/reports?agency=%22%3E%3Cscript%3E",
        "/stories",
        "/stories?outlet=%22%3E%3Cscript%3E",
        "/stories/{story}",
        "/about",
    ],
)
def test_a_list_is_strict_html_whatever_its_texts_are(
    hostile: tuple[Site, int], address: str
) -> None:
    site, story = hostile
    page = site.get(address.format(story=story))
    assert page.status == 200
    assert html_errors(page.body) == []
    assert unsafe_markup(page.body) == []
    assert "<img" not in page.text
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", page.text)]
    outside_dialog = levels[:-1]  # the last heading is that of the list of keys
    assert outside_dialog.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(outside_dialog))


def test_the_twin_of_hostile_texts_has_them_as_stored(hostile: tuple[Site, int]) -> None:
    site, story = hostile
    rows = site.get(f"/stories/{story}.json").json["rows"]
    assert len(rows) >= 2
    assert all("<script>alert(1)</script>" in row["article"]["title"] for row in rows[:2])
