"""Filters that refuse what they do not know: a misspelt one would quietly answer with everything."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django_filters.filters import CharFilter, Filter, MultipleChoiceFilter
from django_filters.rest_framework.backends import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions
from rest_framework.request import Request

from clinic.api.problems import BadQuery

PAGING = {"cursor", "page_size"}
EARLIEST, LATEST = 1900, 2199  # years; beyond them time zones fall off the calendar


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Filter the list; unknown query parameters are refused with 400."""
        filters = self.get_filterset_class(view, queryset)  # type: ignore[no-untyped-call]
        known = PAGING | set(filters.base_filters if filters else ())
        if view.detail is False:
            refuse_unknown(request.query_params, known, BadQuery, "parameter")
        try:
            found: QuerySet[Any] = super().filter_queryset(request, queryset, view)  # type: ignore[no-untyped-call]
        except exceptions.ValidationError as error:
            raise BadQuery(error.detail) from None
        return found


def refuse_unknown(
    names: Iterable[str], known: Iterable[str], error: type[exceptions.ValidationError], word: str
) -> None:
    """Raise `error` for each name that is not in `known`, with the nearest known one."""
    known = sorted(known)
    if wrong := [name for name in names if name not in known]:
        raise error({name: [unknown(name, known, word)] for name in wrong})


def unknown(name: str, known: Iterable[str], word: str) -> str:
    """The error for an unknown name: the nearest known one, or all of them."""
    known = sorted(known)
    if near := get_close_matches(name, known, n=1, cutoff=0.6):
        return f"There is no such {word}. Did you mean “{near[0]}”?"
    return f"There is no such {word}. Known here: {', '.join(known)}." if known else f"This takes no {word}s."


class MomentField(forms.Field):
    def to_python(self, value: str | None) -> datetime | None:
        if not value:
            return None
        try:
            moment = parse_datetime(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or not EARLIEST <= moment.year <= LATEST:
            raise ValidationError("Write a date and time with its offset, such as 2026-03-02T15:00:00Z.")
        return moment.astimezone(UTC)


class DayField(forms.Field):
    def to_python(self, value: str | None) -> date | None:
        if not value:
            return None
        try:
            day = parse_date(value)
        except ValueError:
            day = None
        if day is None or not EARLIEST <= day.year <= LATEST:
            raise ValidationError("Write a day such as 2026-03-02.")
        return day


class IdField(forms.IntegerField):
    default_error_messages = {"invalid": "Write the id, a whole number."}

    def __init__(self, **options: Any) -> None:
        options.pop("min_value", None)
        super().__init__(min_value=1, max_value=2**63 - 1, **options)


class Typed(Filter):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentFilter(Typed):
    field_class = MomentField


@extend_schema_field(OpenApiTypes.DATE)
class DayFilter(Typed):
    field_class = DayField


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 1})
class IdFilter(Typed):
    field_class = IdField


class ManyFilter(MultipleChoiceFilter):
    """A filter that may be given several times; a row that matches any value is kept."""

    def __init__(self, *, choices: list[tuple[str, str]], **options: Any) -> None:
        wrong = {"invalid_choice": f"Choose among: {', '.join(str(value) for value, _ in choices)}."}
        super().__init__(choices=choices, distinct=False, error_messages=wrong, **options)  # type: ignore[no-untyped-call]


class CodeFilter(CharFilter):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=80, strip=False, **options)  # type: ignore[no-untyped-call]
