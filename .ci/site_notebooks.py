"""Shows notebooks as pages of the site, with the outputs that are stored in them. A hook of MkDocs.

`docs/a/b.ipynb` becomes the page `a/b.md`. Nothing is run: continuous integration runs the notebooks
and stores their outputs.
"""

import base64
import json
import re
from pathlib import Path
from typing import Any

_TERMINAL_CODES = re.compile(r"\x1b\[[0-9;]*m")
SHOWN = ("image/svg+xml", "image/png", "text/html", "text/markdown", "text/plain")
"""The forms of an output, the best first."""


def page_name(notebook: str) -> str:
    """Returns the name of the page that shows a notebook."""
    return re.sub(r"\.ipynb$", ".md", notebook)


def to_markdown(text: str) -> str:
    """Returns a notebook (nbformat 4, JSON) as Markdown."""
    cells = json.loads(text)["cells"]
    return "\n\n".join(part for cell in cells for part in _cell_parts(cell) if part) + "\n"


def _cell_parts(cell: dict[str, Any]) -> list[str]:
    source = _text(cell["source"]).strip("\n")
    if cell["cell_type"] != "code":
        return [source] if cell["cell_type"] == "markdown" else []
    outputs = [_output(each) for each in cell.get("outputs", [])]
    return [_fenced(source, "python") if source else "", *outputs]


def _output(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return _fenced(_text(output["text"]), "text")
    if output["output_type"] == "error":
        raise ValueError(f"a notebook holds an error: {output['ename']}: {output['evalue']}")
    data = output.get("data", {})
    kind = next((each for each in SHOWN if each in data), None)
    if kind is None:
        return ""
    value = _text(data[kind])
    if kind.startswith("image/"):
        packed = (
            base64.b64encode(value.encode()).decode() if "svg" in kind else "".join(value.split())
        )
        return f'<img alt="The output of the code above" src="data:{kind};base64,{packed}">'
    if kind == "text/html":
        # Markdown ends a block of HTML at an empty line.
        return "<div>" + re.sub(r"\n\s*\n", "\n", value) + "</div>"
    return value if kind == "text/markdown" else _fenced(value, "text")


def _fenced(text: str, language: str) -> str:
    text = _TERMINAL_CODES.sub("", text).strip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def on_files(files: Any, config: Any) -> Any:
    """Adds a page for each notebook."""
    from mkdocs.structure.files import File

    for file in [each for each in files if each.src_uri.endswith(".ipynb")]:
        text = Path(file.abs_src_path).read_text(encoding="utf-8")
        page = File.generated(config, page_name(file.src_uri), content=to_markdown(text))
        files.append(page)
    return files
