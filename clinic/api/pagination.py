"""Pages by position, not by number: stable while rows come and go, and the last page is as fast as the first."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from clinic.api.problems import BadQuery

DEFAULT, MOST = 50, 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row a page begins after, by the value it is sorted by and its id, which settles equal values."""

    value: str
    pk: int
    back: bool = False

    def __str__(self) -> str:
        return urlsafe_b64encode(json.dumps([self.value, self.pk, int(self.back)]).encode()).decode()

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Decode a cursor. Raises ValueError (or a subclass) for anything this API did not write."""
        value, pk, back = json.loads(urlsafe_b64decode(text.encode("ascii")).decode("ascii"))
        if not isinstance(value, str) or type(pk) is not int or not 0 <= pk < 2**63:
            raise ValueError(text)
        return cls(value, pk, back == 1)


class KeysetPagination(BasePagination):
    """The view's `page_by` names the field, `-` for newest first. Never one with personal data: it shows in the URL."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.url = request.build_absolute_uri()
        self.field = getattr(view, "page_by", "pk").lstrip("-")
        descending = getattr(view, "page_by", "pk").startswith("-")
        self.cursor, size = _cursor(request), _size(request)
        back = bool(self.cursor and self.cursor.back)
        down = "-" if descending != back else ""
        queryset = queryset.order_by(f"{down}{self.field}", f"{down}pk")
        if self.cursor:
            queryset = queryset.filter(_beyond(queryset.model, self.field, self.cursor, descending != back))
        rows = list(queryset[: size + 1])
        self.more, self.page = len(rows) > size, rows[:size]
        if back:
            self.page.reverse()
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        back = bool(self.cursor and self.cursor.back)
        has_next, has_previous = (bool(self.page), self.more) if back else (self.more, bool(self.cursor and self.page))
        links = {
            "next": self._link(self.page[-1], back=False) if has_next else None,
            "previous": self._link(self.page[0], back=True) if has_previous else None,
        }
        return Response(links | {"results": data})

    def _link(self, row: Model, *, back: bool) -> str:
        value = getattr(row, self.field)
        text = value.isoformat() if hasattr(value, "isoformat") else str(value)
        return replace_query_param(self.url, "cursor", str(Cursor(text, row.pk, back)))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": link | {"description": "The following page; null on the last one."},
                "previous": link | {"description": "The page before; null on the first one."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT}
        return [
            _parameter("cursor", "Where the page begins; take it from `next` or `previous`.", {"type": "string"}),
            _parameter("page_size", f"Rows on a page, 1 to {MOST}.", size),
        ]


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _beyond(model: type[Model], name: str, cursor: Cursor, down: bool) -> Q:
    """The first condition alone lets the database start in the index at the right place."""
    way = "lt" if down else "gt"
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    try:
        value = field.to_python(cursor.value)  # type: ignore[union-attr]
    except (ValidationError, OverflowError):
        raise _unreadable() from None
    beyond = Q(**{f"{name}__{way}": value}) | Q(**{name: value, f"pk__{way}": cursor.pk})
    return Q(**{f"{name}__{way}e": value}) & beyond


def _cursor(request: Request) -> Cursor | None:
    text = request.query_params.get("cursor")
    if not text:
        return None
    try:
        return Cursor.read(text)
    except (ValueError, TypeError, RecursionError):
        raise _unreadable() from None


def _unreadable() -> BadQuery:
    return BadQuery({"cursor": ["This is not a position in this list. Take it from `next` or `previous`."]})


def _size(request: Request) -> int:
    text = request.query_params.get("page_size")
    if text is None:
        return DEFAULT
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST:
        return int(text)
    raise BadQuery({"page_size": [f"A page has 1 to {MOST} rows."]})
