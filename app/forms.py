"""Forms (multipart/form-data, RFC 7578): the contents of their fields named `file`, taken as the bytes arrive."""

import io
from collections.abc import AsyncIterable

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.errors import BadRequestError

OTHER_PARTS = 100
"""How many parts a form may have besides its files."""


async def files(content_type: str, stream: AsyncIterable[bytes], most: int) -> list[bytes]:
    """Return the contents of the form's fields named `file`, with or without a file name.

    most: how many are wanted; one more is kept, so that the caller can say that there are too many. What other fields
    hold is thrown away. Raises BadRequestError where the form is broken, or has many more parts.
    """
    _, parameters = parse_options_header(content_type)
    if not parameters.get(b"boundary"):
        raise BadRequestError("the multipart form is broken: its Content-Type names no boundary")
    form = _Files(most + 1, most + OTHER_PARTS)
    try:
        parser = MultipartParser(
            parameters[b"boundary"],
            {
                "on_part_begin": form.part_begins,
                "on_header_field": form.header_name,
                "on_header_value": form.header_value,
                "on_header_end": form.header_ends,
                "on_headers_finished": form.content_begins,
                "on_part_data": form.content,
                "on_part_end": form.part_ends,
            },
        )
        async for piece in stream:
            parser.write(piece)
        parser.finalize()
    except FormParserError as error:
        raise BadRequestError(f"the multipart form is broken: {str(error)[:100]}") from error
    return form.contents


class _Files:
    """Takes what a parser finds in a form, part by part: `contents` are those of the files that are whole."""

    def __init__(self, most: int, most_parts: int) -> None:
        self.contents: list[bytes] = []
        self._most, self._most_parts, self._parts = most, most_parts, 0
        self._name = self._value = self._disposition = b""
        self._file: io.BytesIO | None = None

    def part_begins(self) -> None:
        self._parts += 1
        if self._parts > self._most_parts:
            raise BadRequestError(f"the multipart form is broken: it has more than {self._most_parts} parts")
        self._name = self._value = self._disposition = b""

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_ends(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name = self._value = b""

    def content_begins(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise BadRequestError("the multipart form is broken: a part's Content-Disposition has no `name`")
        if options[b"name"] == b"file" and len(self.contents) < self._most:
            self._file = io.BytesIO()

    def content(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(memoryview(data)[start:end])

    def part_ends(self) -> None:
        if self._file is not None:
            self.contents.append(self._file.getvalue())
            self._file = None
