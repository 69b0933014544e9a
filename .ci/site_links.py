"""Makes links right on the site that are right in the repository. A hook of MkDocs, see mkdocs.yml.

The site has the pages of docs/, and some files from outside: README.md is its first page. A link to
another file of the repository becomes an address there, or plain words if mkdocs.yml has no
`repo_url`.
"""

import posixpath
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCS = "docs/"
ADDED_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "LICENSE": "license.md",
    "benchmarks/results/quality.md": "measured-quality.md",
}
"""Files outside docs/ that are pages of the site, and their names there."""

_LINK = re.compile(r"(?P<label>!?\[[^\]]*\])\((?P<target>[^)\s]+)\)")
_ATTRIBUTE = re.compile(r'(?P<label>\b(?:src|href))="(?P<target>[^"\s]+)"')
_CODE = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def repository_path(page: str) -> str:
    """Returns where a page of the site lies in the repository."""
    outside = {name: path for path, name in ADDED_PAGES.items()}
    return outside.get(page, DOCS + page)


def rewrite_links(text: str, page: str, files: Collection[str], repository: str = "") -> str:
    """Returns the text of a page with links for the site.

    `page`: its name on the site. `files`: all names on the site. `repository`: the address of the
    repository, or "". Links in code, whole addresses, and links to nothing stay as they are.
    """
    folder = posixpath.dirname(repository_path(page))

    def new_target(old: str) -> str | None:
        target, hash_sign, anchor = old.partition("#")
        if not target or "://" in target or target.startswith(("/", "mailto:")):
            return old
        path = posixpath.normpath(posixpath.join(folder, target))
        name = ADDED_PAGES.get(path, re.sub(r"\.ipynb$", ".md", path.removeprefix(DOCS)))
        if name in files and (path in ADDED_PAGES or path.startswith(DOCS)):
            link = posixpath.relpath(name, posixpath.dirname(page) or ".")
            return f"{link}{hash_sign}{anchor}"
        if path.startswith("..") or not (ROOT / path).exists():
            return old
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        address = f"{repository.rstrip('/')}/{kind}/main/{path}{hash_sign}{anchor}"
        return address if repository else None

    def rewrite_link(found: re.Match[str]) -> str:
        target = new_target(found["target"])
        return f"{found['label']}({target})" if target else found["label"].strip("![]")

    def rewrite_attribute(found: re.Match[str]) -> str:
        return f'{found["label"]}="{new_target(found["target"]) or found["target"]}"'

    def rewrite(text: str) -> str:
        return _ATTRIBUTE.sub(rewrite_attribute, _LINK.sub(rewrite_link, text))

    return _outside_code(text, rewrite)


def _outside_code(text: str, rewrite: Callable[[str], str]) -> str:
    parts, end = [], 0
    for code in _CODE.finditer(text):
        parts += [rewrite(text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, rewrite(text[end:])])


def on_files(files: Any, config: Any) -> Any:
    """Adds the pages from outside docs/."""
    from mkdocs.structure.files import File

    for path, name in ADDED_PAGES.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        if not path.endswith(".md"):
            text = f"# {path.capitalize()}\n\n```text\n{text}\n```\n"
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Rewrites the links of a page."""
    names = {file.src_uri for file in files if not file.inclusion.is_excluded()}
    return rewrite_links(markdown, page.file.src_uri, names, config.repo_url or "")
