"""Reads the fields of a form that was posted."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from storage.errors import InvalidRequest

_MEDIA_TYPE = "application/x-www-form-urlencoded"
_MAX_FIELDS = 20


async def read_form(request: Request) -> dict[str, str]:
    """Returns the fields of a form by their names. Raises InvalidRequest for anything else."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _MEDIA_TYPE:
        raise InvalidRequest(f"a form is sent as {_MEDIA_TYPE}")
    try:
        fields = parse_qsl(
            (await request.body()).decode("ascii"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        raise InvalidRequest("this form cannot be read") from None
    if len({name for name, _ in fields}) != len(fields):
        raise InvalidRequest("a field of the form stands twice")
    return dict(fields)
