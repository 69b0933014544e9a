"""Writes pictures to files, in the format that their name says."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli.show.outputs import note_result, open_result
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


def write_picture(
    picture: "Picture", out: Path | None, kind: "PictureFormat", dpi: int = 150
) -> None:
    """Writes a picture, and says what a reader of it must know.

    `out`: None and `-` are standard output. Raises CannotWrite, and UserError as `output_of`.
    """
    with open_result(out) as file:
        picture.write(file, kind, dpi)
    for note in picture.notes:
        print_note(note)
    note_result(out, "picture")
