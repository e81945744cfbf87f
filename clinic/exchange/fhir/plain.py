"""Patients whose parts are all plainly FHIR R4: seen at once, without building a model of each part. Pure.

Most resources of an export are. `is_plain` knows fewer forms than FHIR allows, and no wrong one; what it does not know
is looked at by `fhir.resources`, which takes four times as long, and a second to load.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

Check = Callable[[Any], bool]
ID, CODE = re.compile(r"[A-Za-z0-9\-.]{1,64}"), re.compile(r"[^\s]+(\s[^\s]+)*")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z|[+-](0\d|1[0-3]):[0-5]\d)")


class Part:
    """One part of a resource, its own parts by name as those of a model; what is not there is None."""

    __slots__ = ("parts",)

    def __init__(self, parts: Mapping[str, Any]) -> None:
        self.parts = parts

    def __getattr__(self, name: str) -> Any:
        return _wrapped(self.parts.get(name))


def _wrapped(value: Any) -> Any:
    if isinstance(value, dict):
        return Part(value)
    return [_wrapped(one) for one in value] if isinstance(value, list) else value


def is_plain(patient: Mapping[str, Any]) -> bool:
    """Whether each of these parts is FHIR R4 without a doubt; False: it has to be looked at closely."""
    return _patient(patient)


def _text(value: Any) -> bool:
    """Some letters at least; none of them a control sign, and none that UTF-8 cannot write."""
    return isinstance(value, str) and value.isprintable() and bool(value.strip())


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: _text(value) and pattern.fullmatch(value) is not None


def _day(value: Any) -> bool:
    if not isinstance(value, str) or not DAY.fullmatch(value) or not value.isascii():
        return False
    try:
        return date.fromisoformat(value).year >= 1000
    except ValueError:
        return False


def _moment(value: Any) -> bool:
    return isinstance(value, str) and _day(value[:10]) and (len(value) == 10 or bool(MOMENT.fullmatch(value[10:])))


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _rank(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**31


def _all(check: Check) -> Check:
    return lambda value: isinstance(value, list) and bool(value) and all(map(check, value))


def _of(**checks: Check) -> Check:
    """An object with at least one of these parts and no other."""

    def check(value: Any) -> bool:
        if not isinstance(value, dict) or not value:
            return False
        return all((known := checks.get(name)) is not None and known(part) for name, part in value.items())

    return check


_code, _period = _matches(CODE), _of(start=_moment, end=_moment)
_uri = _matches(re.compile(r"\S+"))
_coding = _of(system=_uri, code=_code, display=_text, version=_text, userSelected=_flag)
_concept = _of(coding=_all(_coding), text=_text)
_identifier = _of(use=_code, type=_concept, system=_uri, value=_text, period=_period)
_name = _of(
    use=_code, text=_text, family=_text, given=_all(_text), prefix=_all(_text), suffix=_all(_text), period=_period
)
_telecom = _of(system=_code, value=_text, use=_code, rank=_rank, period=_period)
_language_of = _of(language=_concept, preferred=_flag)


def _communication(value: Any) -> bool:
    return _language_of(value) and "language" in value


_patient = _of(
    resourceType=lambda value: value == "Patient",
    id=_matches(ID),
    active=_flag,
    identifier=_all(_identifier),
    name=_all(_name),
    telecom=_all(_telecom),
    birthDate=_day,
    communication=_all(_communication),
)
