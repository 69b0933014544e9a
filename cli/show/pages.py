"""Writes a page for a browser to a file."""

from pathlib import Path

from cli.show.printing import print_note


def write_page(file: Path, page: str, content: str) -> None:
    """Writes an HTML page and says on standard error what it contains. Raises OSError."""
    from storage.export.formats.output_files import open_output

    with open_output(file, compress=False) as output:
        output.write(page.encode("utf-8", "replace"))
    print_note(f"{file}: {content}")
