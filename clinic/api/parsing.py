"""Reads a JSON body: bounded in size and depth, and only text that can be written out again."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.http import HttpRequest
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.utils import json as strict_json


class JSONBody(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Parse the body. `body` and not `read`: Django checks DATA_UPLOAD_MAX_MEMORY_SIZE only there."""
        request: Any = stream
        raw = request.body if isinstance(request, HttpRequest) else request.read()
        try:
            data = strict_json.loads(raw.decode("utf-8"))
            json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair could not even be quoted back
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except ValueError as error:
            raise ParseError(f"The body is not JSON in UTF-8: {_where(error)}") from None
        return data


def _where(error: ValueError) -> str:
    """Never quotes the body: it may hold personal data, and answers are logged by others."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, line {error.lineno}, column {error.colno}."
    return "a character or number in it cannot be read."
