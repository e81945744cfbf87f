"""What a text may leave open, and how it is filled. Pure. Values are put in once and never read as templates."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from string import Formatter

from reminders.plan.blanks import BLANKS

ALLOWED = {
    "clinic": "the site's short name",
    "clinic_phone": "the number to call",
    "emergency_number": "such as 911",
    "first_name": "e-mail only",
    "surgeon": "e-mail only",
    "link": "the patient's own page",
    "address": "where visits take place",
    "visit_day": "only in steps that depend on a booked visit",
    "visit_time": "only in steps that depend on a booked visit",
}
EMAIL_ONLY = {"first_name", "surgeon"}  # a text shows on a locked screen, and anyone may hold the phone
VISIT_ONLY = {"visit_day", "visit_time"}
NOTICE_ONLY = {"was_day", "was_time"}  # the time that a visit had before; in Aftercare's own notices
BROKEN_BRACES = "{ or } without its partner"


class PlaceholderError(ValueError):
    """A text that cannot be filled in; its sentence can be shown to the person who wrote it."""


def used(template: str) -> set[str]:
    """Everything between braces, as written: `{clinic:>9}` gives `clinic:>9`, which no list allows."""
    return {name for _, name in _pieces(template) if name is not None}


def unknown(template: str) -> list[str]:
    """What must not be saved, in alphabetical order. Empty means the template can always be rendered."""
    try:
        return sorted(used(template) - ALLOWED.keys() - BLANKS.keys())
    except PlaceholderError:
        return [BROKEN_BRACES]


def too_personal(sms: str) -> list[str]:
    """What a text message must not carry. For a template without unknown placeholders."""
    return sorted(used(sms) & EMAIL_ONLY)


def personal_sentence(personal: Iterable[str]) -> str:
    """Why these placeholders must not be in a text message, as a sentence."""
    wrong = " and ".join("{" + name + "}" for name in personal)
    return f"A text message must not carry {wrong}: anyone may see it on the phone. Say it in the e-mail only."


def sentence(unknown: Iterable[str]) -> str:
    """Which placeholders are unknown, and which may be used."""
    wrong = ", ".join(name if name == BROKEN_BRACES else "{" + name + "}" for name in unknown)
    right = ", ".join("{" + name + "}" for name in ALLOWED)
    return f"Unknown placeholder: {wrong}. A text may use {right}."


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill in once. A value is never looked into: a patient called `{link}` stays `{link}`.

    Raises PlaceholderError, naming the placeholder, rather than give a text with a hole.
    """
    return "".join(_filled(template, values))


def _filled(template: str, values: Mapping[str, str]) -> Iterator[str]:
    for literal, name in _pieces(template):
        yield literal
        if name is None:
            continue
        if name in BLANKS:
            yield _blank(name, values)
            continue
        if name not in ALLOWED and name not in NOTICE_ONLY:
            raise PlaceholderError(f"{{{name}}} is not a placeholder. Use one of: {', '.join(sorted(ALLOWED))}.")
        if name not in values:
            raise PlaceholderError(f"There is no value for {{{name}}} here. Give one or take it out.")
        yield values[name]


def _blank(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise PlaceholderError(f"{{{name}}} is a blank that a surgeon has not filled in yet.")
    return values[name]


@lru_cache(maxsize=1024)
def _pieces(template: str) -> tuple[tuple[str, str | None], ...]:
    try:
        parsed = list(Formatter().parse(template))
    except ValueError:
        raise PlaceholderError(f"The text has {BROKEN_BRACES}. Write {{{{ or }}}} for a brace itself.") from None
    return tuple((literal, _as_written(*field)) for literal, *field in parsed)


def _as_written(name: str | None, spec: str | None, conversion: str | None) -> str | None:
    if name is None:
        return None
    return name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
