"""Every refusal is an RFC 9457 problem document that names the field and says what would be right."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from urllib.parse import quote

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from reminders.enrolment import KeyReused

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
KINDS = {
    400: ("invalid-input", "Something sent is not right"),
    401: ("not-signed-in", "Sign in first"),
    403: ("not-allowed", "You may not do this"),
    404: ("not-found", "There is nothing here"),
    405: ("method-not-allowed", "This address does not do that"),
    406: ("not-acceptable", "No such format"),
    409: ("conflict", "The state of things does not allow it"),
    413: ("too-large", "Too much at once"),
    415: ("unsupported-media-type", "Send JSON"),
    422: ("key-reused", "This key was used for something else"),
    429: ("too-many-requests", "Too many tries"),
    500: ("server-error", "Something went wrong on our side"),
}


class Conflict(exceptions.APIException):
    """The request is well-formed; what it asks for is not possible as things are."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, detail: Any, **links: Any) -> None:
        self.detail, self.links = detail, links


class BadQuery(exceptions.ValidationError):
    """Its keys are query parameters."""


class BadHeader(exceptions.ValidationError):
    """Its keys are headers."""


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    links: Mapping[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The problem as an `application/problem+json` response (RFC 9457)."""
        slug, title = KINDS.get(self.status, KINDS[400])
        body: dict[str, Any] = {
            "type": f"urn:aftercare:problem:{slug}",
            "title": title,
            "status": self.status,
            "detail": self.detail,
        }
        extra: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        return Response(body | extra | dict(self.links), self.status, headers=self.headers, content_type=MEDIA_TYPE)


def answer(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler. What nobody foresaw is logged with its trace and answered without it."""
    set_rollback()
    problem = _problem(error)
    if problem is None:
        got_request_exception.send(sender=None, request=context.get("request"))
        log.error("Unforeseen error in the API", exc_info=error)
        problem = Problem(500, "Nothing was changed. Try again; if it stays, tell whoever runs this server.")
    return problem.response()


def _problem(error: Exception) -> Problem | None:
    match error:
        case KeyReused():
            return Problem(422, error.messages[0], [{"header": "Idempotency-Key", "detail": error.messages[0]}])
        case ValidationError():
            return _from_django(error)
        case Http404():
            return Problem(404, "It does not exist, or belongs to a site you do not work at.")
        case PermissionDenied():
            return Problem(403, str(error) or "Your role does not allow it.")
        case RequestDataTooBig():
            return Problem(413, "The body is too large. Send one thing at a time.")
        case SuspiciousOperation():
            return Problem(400, "The request cannot be read.")
        case exceptions.APIException():
            return _from_drf(error)
    return None


def _from_django(error: ValidationError) -> Problem:
    """Without a field it speaks about how things stand, not about what was sent."""
    if not hasattr(error, "error_dict"):
        return Problem(409, " ".join(error.messages))
    named = {("" if name == NON_FIELD_ERRORS else name): texts for name, texts in error.message_dict.items()}
    return _invalid(list(_flat(named, ())), "pointer")


def _from_drf(error: exceptions.APIException) -> Problem:
    place = "parameter" if isinstance(error, BadQuery) else "header" if isinstance(error, BadHeader) else "pointer"
    if isinstance(error, exceptions.ValidationError) or isinstance(error.detail, dict | list):
        links = getattr(error, "links", {})
        return _invalid(list(_flat(error.detail, ())), place, status=error.status_code, links=links)
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, ceil(wait)))
    links = getattr(error, "links", {})
    return Problem(error.status_code, str(error.detail), headers=headers, links=links)


def _invalid(
    wrong: list[tuple[tuple[str, ...], str]],
    place: str,
    *,
    status: int = 400,
    links: Mapping[str, Any] | None = None,
) -> Problem:
    errors = [{place: pointer(path) if place == "pointer" else ".".join(path), "detail": text} for path, text in wrong]
    detail = wrong[0][1] if len(wrong) == 1 else f"{len(wrong)} things are not right: see errors."
    return Problem(status, detail, errors, links or {})


def pointer(path: tuple[str, ...]) -> str:
    """A JSON pointer as a URI fragment, as the example in RFC 9457: #/contacts/0/phone."""
    return "#" + "".join("/" + quote(part.replace("~", "~0").replace("/", "~1")) for part in path)


def _flat(detail: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each sentence with its path; DRF nests dicts and lists as the body does."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            about_all = str(name) in ("", "non_field_errors")
            yield from _flat(inner, path if about_all else (*path, str(name)))
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from _flat(inner, (*path, str(number)) if nested else path)
    else:
        yield path, str(detail)


def renamed(error: ValidationError, paths: Mapping[str, tuple[str, ...]]) -> Exception:
    """The floors below name their own fields; the reader knows those of the body. Others stay as they are."""
    if not hasattr(error, "error_dict"):
        return error
    detail: dict[str, Any] = {}
    for name, texts in error.message_dict.items():
        *outer, last = paths.get(name, ("non_field_errors" if name == NON_FIELD_ERRORS else name,))
        spot = detail
        for part in outer:
            spot = spot.setdefault(part, {})
        spot[last] = texts
    return exceptions.ValidationError(detail)
