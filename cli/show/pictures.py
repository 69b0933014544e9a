"""Writes pictures to files, in the format that their name says."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli.show.printing import print_note

if TYPE_CHECKING:
    from storage.plots.picture import Picture, PictureFormat


def check_picture(out: Path) -> "PictureFormat":
    """Returns the format of a picture, by the last suffix of its name.

    Raises UserError for another suffix, and MissingLibrary if matplotlib is not installed.
    """
    from cli.errors import UserError
    from storage.plots.picture import PictureFormat, require_matplotlib

    suffix = out.suffix.removeprefix(".").lower()
    if suffix not in tuple(PictureFormat):
        names = ", ".join(f"FILE.{each}" for each in PictureFormat)
        raise UserError(f"cannot draw {out.name!r}: name the picture {names}")
    require_matplotlib()
    return PictureFormat(suffix)


def write_picture(picture: "Picture", out: Path, kind: "PictureFormat", dpi: int = 150) -> None:
    """Writes a picture, and says what a reader of it must know. Raises CannotWrite."""
    from storage.export.formats.output_files import open_output

    with open_output(out) as file:
        picture.write(file, kind, dpi)
    for note in picture.notes:
        print_note(note)
    print_note(f"picture in {out}")
