"""How the stand-in behaves at the next create, as it was asked to."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.twilio_format import error


@dataclass
class Behaviours:
    default: str = "ok"
    by_to: dict[str, list[Any]] = field(default_factory=dict)  # number -> [behaviour, times left]
    by_nth: dict[int, str] = field(default_factory=dict)
    count: int = 0

    def next(self, to: str) -> str:
        self.count += 1
        if self.by_nth and self.count in self.by_nth:
            return self.by_nth.pop(self.count)
        if not self.by_to or to not in self.by_to:
            return self.default
        behaviour, left = self.by_to[to]
        if left is not None:
            self.by_to[to][1] = left - 1
            if left <= 1:
                del self.by_to[to]
        return str(behaviour)


@dataclass
class CreateRequest:
    """One create request, on its way through the stand-in."""

    request: web.BaseRequest
    form: dict[str, str]
    behaviour: str
    began: float
    pid: int | None = None


def refused(value: str, request: web.BaseRequest, message: str = "Not possible now") -> web.Response:
    """`503`, `400/21610` or `429/20429/30`: status, code, seconds to wait."""
    status, code, wait = [*value.split("/"), "", ""][:3]
    headers = {"Retry-After": wait} if wait else {}
    if status.startswith("3"):
        headers["Location"] = str(request.url)
    return error(int(status), int(code or 0), message, headers)
