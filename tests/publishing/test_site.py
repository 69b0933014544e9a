"""The documentation site: the same pages as in the repository, with links that lead somewhere."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.publishing.scripts import ROOT, script

DOCS = ROOT / "docs"


site_links = script("site_links")
site_notebooks = script("site_notebooks")
check_site = script("check_site")
NAMES = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*") if path.is_file()}
NAMES |= {site_notebooks.page_name(name) for name in NAMES if name.endswith(".ipynb")}
NAMES |= set(site_links.ADDED_PAGES.values())


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # yaml has no types
    """Reads mkdocs.yml without running what it names."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: suffix)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: suffix)
CONFIG: dict[str, Any] = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), _Loader)


def nav_pages(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    values = part.values() if isinstance(part, dict) else part
    return [page for value in values for page in nav_pages(value)]


def test_every_page_is_in_the_navigation_once() -> None:
    pages = nav_pages(CONFIG["nav"])
    assert sorted(pages) == sorted(name for name in NAMES if name.endswith(".md"))
    assert [next(iter(part)) for part in CONFIG["nav"]] == ["Start", "Use", "Operate", "Develop"]


def test_nothing_of_the_site_comes_from_other_servers() -> None:
    assert CONFIG["theme"]["font"] is False
    assert not {"extra_javascript", "extra_css", "extra"} & set(CONFIG)


@pytest.mark.parametrize("name", ["mkdocs.yml", "site", "docs"])
def test_the_site_is_no_part_of_the_wheel(name: str) -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wheel = text.partition("[tool.hatch.build.targets.wheel]")[2].partition("[tool")[0]
    assert f'"{name}"' not in wheel
    assert "/site/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


REPOSITORY = "https://code.test/nkwire/"


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("exporting.md", "[a](dedup.md#x)", "[a](dedup.md#x)"),
        ("exporting.md", "[a](../README.md)", "[a](index.md)"),
        ("exporting.md", "[a](../CONTRIBUTING.md#run)", "[a](contributing.md#run)"),
        ("exporting.md", "[a](#here)", "[a](#here)"),
        ("exporting.md", "[a](https://example.org/x.md)", "[a](https://example.org/x.md)"),
        ("exporting.md", "[a](none.md)", "[a](none.md)"),
        (
            "exporting.md",
            "[the code](../cli/app.py)",
            f"[the code]({REPOSITORY}blob/main/cli/app.py)",
        ),
        ("exporting.md", "[them](../spiders/)", f"[them]({REPOSITORY}tree/main/spiders)"),
        ("index.md", "![p](docs/images/report.png)", "![p](images/report.png)"),
        ("index.md", "[a](docs/web.md)", "[a](web.md)"),
        ("index.md", '<img src="docs/images/report.png">', '<img src="images/report.png">'),
        ("index.md", '<a href="https://example.org">', '<a href="https://example.org">'),
        ("index.md", "[a](LICENSE)", "[a](license.md)"),
        ("measured-quality.md", "[q](../../docs/quality.md)", "[q](quality.md)"),
        ("exporting.md", "`[a](../README.md)`", "`[a](../README.md)`"),
        ("exporting.md", "```\n[a](../README.md)\n```", "```\n[a](../README.md)\n```"),
    ],
)
def test_links_of_the_repository_are_links_of_the_site(page: str, link: str, expected: str) -> None:
    assert site_links.rewrite_links(link, page, NAMES, REPOSITORY) == expected


def test_without_an_address_of_the_repository_a_link_to_code_becomes_words() -> None:
    text = "See [the code](../cli/app.py) and [README](../README.md)."
    expected = "See the code and [README](index.md)."
    assert site_links.rewrite_links(text, "exporting.md", NAMES) == expected


NOTEBOOK = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": ["# Title\n", "Words."]},
        {
            "cell_type": "code",
            "source": "print('```')",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["\x1b[1m```\x1b[0m\n"]},
                {"output_type": "display_data", "data": {"image/png": "AAAA\n", "text/plain": "x"}},
                {"output_type": "execute_result", "data": {"text/html": ["<b>\n\n", "1</b>"]}},
            ],
        },
        {"cell_type": "code", "source": "", "outputs": []},
    ],
}


def test_a_notebook_is_a_page_with_its_stored_outputs() -> None:
    parts = [
        "# Title\nWords.",
        "````python\nprint('```')\n````",
        "````text\n```\n````",
        '<img alt="The output of the code above" src="data:image/png;base64,AAAA">',
        "<div><b>\n1</b></div>",
    ]
    assert site_notebooks.to_markdown(json.dumps(NOTEBOOK)) == "\n\n".join(parts) + "\n"
    files = NAMES | {"notebooks/x.md"}
    link = site_links.rewrite_links("[n](notebooks/x.ipynb)", "exporting.md", files)
    assert link == "[n](notebooks/x.md)"


def test_a_notebook_that_failed_is_no_page() -> None:
    output = {"output_type": "error", "ename": "KeyError", "evalue": "a", "traceback": []}
    failed = {"cells": [{"cell_type": "code", "source": "x", "outputs": [output]}]}
    with pytest.raises(ValueError, match="KeyError: a"):
        site_notebooks.to_markdown(json.dumps(failed))


def all_links() -> list[tuple[str, str]]:
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
    texts |= {ROOT / path: (ROOT / path).read_text("utf-8") for path in site_links.ADDED_PAGES}
    code = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
    return [
        (path.relative_to(ROOT).as_posix(), target)
        for path, text in texts.items()
        for target in re.findall(r"\]\(([^)#\s]+)[^)\s]*\)", code.sub("", text))
        if "://" not in target
    ]


def test_links_between_files_lead_to_files_of_the_repository() -> None:
    wrong = [
        (page, link)
        for page, link in all_links()
        if not (ROOT / page).parent.joinpath(link).exists()
    ]
    assert wrong == []


def test_a_list_stands_apart_from_the_paragraph_before_it() -> None:
    # GitHub shows it as a list all the same, the site does not.
    item, wrong = re.compile(r" {0,3}([-*+]|\d+\.) "), []
    for path in [*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        before, is_code = "", False
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            is_code ^= line.startswith("```")
            starts = item.match(line) and before.strip() and not item.match(before)
            if starts and not is_code and not before.startswith(" "):
                wrong.append(f"{path.name}:{number}")
            before = line
    assert wrong == []


def test_the_built_site_is_searched_for_dead_links_and_other_servers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = '<a href="b.html#here">b</a><a href="https://example.org">x</a><link rel="canonical" href="https://c.test">'
    (tmp_path / "a.html").write_text(good)
    (tmp_path / "b.html").write_text('<h1 id="here">b</h1><a href="#here">up</a>')
    assert check_site.main(str(tmp_path)) == 0
    (tmp_path / "c.html").write_text(
        '<a href="d.html">d</a><a href="b.html#gone">b</a><img src="x.png">'
        '<script src="https://cdn.test/x.js"></script>'
    )
    (tmp_path / "x.css").write_text("@import url(https://fonts.test/a.css);")
    capsys.readouterr()
    assert check_site.main(str(tmp_path)) == 1
    assert capsys.readouterr().out.splitlines() == [
        "c.html: loads https://cdn.test/x.js from another server",
        "c.html: d.html: no such file",
        "c.html: b.html#gone: no such anchor",
        "c.html: x.png: no such file",
        "x.css: loads https://fonts.test/a.css from another server",
        "3 pages, 5 problems",
    ]


def test_a_folder_without_pages_is_no_site(tmp_path: Path) -> None:
    assert check_site.main(str(tmp_path)) == 1
    assert check_site.main(str(tmp_path / "none")) == 1
