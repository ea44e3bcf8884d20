"""Reading a request into its parts. Nothing of it is ever written to a file."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from indeependence.errors import InputError
from indeependence.serve.gate import Given
from indeependence.serve.limits import Limits

NAME = 10_000  # bytes of a field of a form that is no picture
FORM = "multipart/form-data"


class InMemory(MultiPartParser):
    """A form of which no part goes to a temporary file."""

    spool_max_size = max_file_size = 2**40  # the second is its name in earlier versions


async def given_in(request: Request, limits: Limits) -> Given:
    """Return the parts of a request; raise `InputError` for a form that is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    labels = tuple(name.strip() for name in request.query_params.getlist("label"))
    column = request.query_params.get("column")
    if kind != FORM:
        return Given(kind, await request.body(), labels=labels, column=column)
    files = {"max_files": limits.batch + 1, "max_fields": limits.batch + 1, "max_part_size": NAME}
    try:
        form = await InMemory(request.headers, request.stream(), **files).parse()
    except (MultiPartException, KeyError) as error:
        raise InputError(f"expected a form, got something else: {getattr(error, 'message', error)}") from error
    pictures = []
    for number, one in enumerate(_files(form), start=1):
        pictures.append((f"picture {number}", await one.read()))
        await one.close()
    names = [str(value).strip() for name, value in form.multi_items() if name in ("label", "labels")]
    return Given(FORM, pictures=tuple(pictures), labels=(*labels, *names), column=column)


def _files(form: Any) -> list[UploadFile]:
    return [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
