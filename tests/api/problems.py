"""How tests read an answer: a problem document, or a page."""

from typing import Any

from django.http import HttpResponse


def problem(answer: HttpResponse, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert all(document[name] for name in ("type", "title", "detail"))
    return document


def named(answer: HttpResponse, status: int = 400) -> dict[str, str]:
    """What the problem says of each field, parameter or header."""
    errors = problem(answer, status)["errors"]
    return {e.get("pointer") or e.get("parameter") or e.get("header"): e["detail"] for e in errors}


def rows(answer: HttpResponse) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]
