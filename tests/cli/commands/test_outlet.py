import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.registry import outlets
from tests.cli.files.test_extract import FEED, PAGE

ROOT = Path(__file__).parents[3]
URL = "https://en.yna.co.kr/view/AEN20260301000100315"


@pytest.fixture
def page(an_empty_folder: Path) -> Path:
    path = an_empty_folder / "page.html"
    path.write_text(PAGE.replace("<article>", '<article class="story-news">'))
    return path


@pytest.fixture
def checkout(an_empty_folder: Path) -> Path:
    """A folder with the marks of a checkout."""
    shutil.copy(ROOT / "scrapy.cfg", an_empty_folder)
    (an_empty_folder / "spiders").mkdir()
    shutil.copy(ROOT / "spiders/__init__.py", an_empty_folder / "spiders")
    return an_empty_folder


def test_a_new_outlet_is_drafted_in_the_checkout_that_one_stands_in(
    checkout: Path, nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "docs").mkdir()
    monkeypatch.chdir(checkout / "docs")
    said = nkwire("outlet", "new", "example", "https://www.example.org/")
    path = checkout / "spiders/example.py"
    assert (said.code, said.out) == (0, f"{path}\n")
    assert "class Example(" in path.read_text()
    # This is not the checkout that the running program was installed from.
    assert f"nkwire reads the outlets in {ROOT / 'spiders'}" in said.err


def test_outside_a_checkout_the_draft_is_written_here_or_into_a_folder(
    an_empty_folder: Path, nkwire: Callable[..., Any]
) -> None:
    assert nkwire("outlet", "new", "example", "example.org").out == "example.py\n"
    said = nkwire("outlet", "new", "example", "example.org", "--folder", "drafts")
    assert said.out == "drafts/example.py\n"
    assert "move the file there" in said.err
    assert (an_empty_folder / "drafts/example.py").exists()


def test_a_draft_goes_into_the_folder_of_ones_own_and_is_read_there(
    an_empty_folder: Path, nkwire: Callable[..., Any]
) -> None:
    said = nkwire("outlet", "new", "example", "example.org", "--folder", "drafts")
    assert 'nkwire.toml: outlets_folder = "drafts"' in said.err
    (an_empty_folder / "nkwire.toml").write_text('outlets_folder = "drafts"')
    outlets.cache_clear()
    said = nkwire("outlet", "new", "second", "example.net")
    assert (said.out, "move the file" in said.err) == ("drafts/second.py\n", False)
    outlets.cache_clear()
    found = {row["outlet"] for row in nkwire("outlets", "--json").json}
    outlets.cache_clear()
    assert {"example", "second", "kcna"} <= found


def test_a_draft_replaces_no_file(an_empty_folder: Path, nkwire: Callable[..., Any]) -> None:
    (an_empty_folder / "example.py").write_text("mine")
    said = nkwire("outlet", "new", "example", "example.org")
    assert (said.code, said.err) == (2, "nkwire: example.py: File exists\n")
    assert (an_empty_folder / "example.py").read_text() == "mine"


def test_an_inspection_marks_the_evidence_that_is_used(
    page: Path, nkwire: Callable[..., Any]
) -> None:
    said = nkwire("outlet", "inspect", page, "--url", URL)
    assert said.code == 0
    assert said.out.startswith("yonhap ")
    assert "  * h1: Ferry will sail again\n" in said.out
    assert "    meta og:title: Ferry will sail again\n" in said.out


def test_a_page_is_inspected_by_the_rules_of_any_outlet(
    page: Path, nkwire: Callable[..., Any]
) -> None:
    url = "https://herald.example/2026/ferry-will-sail"
    assert nkwire("outlet", "inspect", page, "--url", url).out.startswith("herald.example ")
    said = nkwire("outlet", "inspect", page, "--url", url, "--outlet", "tass")
    assert said.out.startswith("tass ")


def test_an_inspection_of_a_feed_shows_its_links(
    an_empty_folder: Path, nkwire: Callable[..., Any]
) -> None:
    (an_empty_folder / "feed.xml").write_text(FEED)
    said = nkwire("outlet", "inspect", "feed.xml", "--url", "https://herald.example/rss.xml")
    assert "links to articles: 1\n" in said.out
    assert "2026-03-01 01:00" in said.out
    assert "https://herald.example/2026/ferry-will-sail" in said.out
    assert "no value" not in said.out


def test_texts_of_a_page_do_not_control_the_terminal(
    page: Path, nkwire: Callable[..., Any]
) -> None:
    page.write_text(PAGE.replace("Ferry will sail again", "Ferry \x1b[31m[bold]sails"))
    said = nkwire("outlet", "inspect", page, "--url", URL)
    assert "\x1b" not in said.out
    assert "[bold]sails" in said.out


def test_a_sample_is_kept_beside_the_tests_of_a_checkout(
    checkout: Path, page: Path, nkwire: Callable[..., Any]
) -> None:
    said = nkwire("outlet", "sample", "yonhap", page, "--url", URL, "--slug", "article-2026")
    kept = checkout / "tests/outlets/yonhap"
    assert said.code == 0
    assert said.out == f"{kept}/article-2026.html\n{kept}/article-2026.json\n"
    assert json.loads((kept / "article-2026.json").read_text())["article"]["text"]
    assert "oyster" not in (kept / "article-2026.html").read_text()
    again = nkwire("outlet", "sample", "yonhap", page, "--url", URL, "--slug", "article-2026")
    assert (again.code, again.err.endswith("article-2026.html: File exists\n")) == (2, True)


def test_outside_a_checkout_a_sample_is_kept_here_or_in_a_folder(
    an_empty_folder: Path, page: Path, nkwire: Callable[..., Any]
) -> None:
    assert nkwire("outlet", "sample", "yonhap", page, "--url", URL).code == 0
    assert len([*an_empty_folder.glob("yonhap/article-20*")]) == 2
    said = nkwire("outlet", "sample", "yonhap", page, "--url", URL, "--folder", "kept")
    assert said.out.startswith("kept/yonhap/article-20")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("inspect", "page.html"), "page.html: say with --url where it was saved from"),
        (("inspect", "none.html", "--url", URL), "none.html: No such file or directory"),
        (
            ("inspect", "page.html", "--url", "https://["),
            "page.html: 'https://[' is no http(s) address",
        ),
        (
            ("inspect", "page.html", "--url", "ftp://x.y"),
            "page.html: 'ftp://x.y' is no http(s) address",
        ),
        (("inspect", "page.html", "--outlet", "yonhp"), "no outlet 'yonhp': did you mean yonhap"),
        (("sample", "none", "page.html", "--url", URL), "no outlet 'none'"),
        (("sample", "yonhap", "empty.html", "--url", URL), "empty.html: the page is no article"),
        (
            ("sample", "yonhap", "page.html", "--url", URL, "--slug", "../x"),
            "page.html: '../x' is no",
        ),
        (("sample", "yonhap", "nowhere.html"), "nowhere.html: No such file or directory"),
        (("new", "kcna", "kcna.kp"), "there is an outlet 'kcna' already"),
        (("new", "3x", "example.org"), "'3x' cannot be the name of an outlet"),
        (("new", "example", "example"), "'example' is no address of a home page"),
    ],
    ids=[
        "no url",
        "no file",
        "broken url",
        "no http",
        "inspect as",
        "sample of",
        "no article",
        "slug",
        "no saved page",
        "declared",
        "name",
        "address",
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    arguments: tuple[str, ...],
    told: str,
    page: Path,
    nkwire: Callable[..., Any],
    an_empty_folder: Path,
) -> None:
    (an_empty_folder / "empty.html").touch()
    said = nkwire("outlet", *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"nkwire: {told}")
    assert said.err.count("\n") == 1
