"""The rows of a document in words, as a surgeon says them. Pure."""

from collections.abc import Mapping
from typing import Any

from reminders.plan import nature
from reminders.plan.files.document import ENDLESS, Document, first_day
from reminders.plan.values import Nature

Row = Mapping[str, Any]
LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "pt": "Portuguese", "zh": "Chinese", "vi": "Vietnamese"}
CONDITIONS = {
    "always": "everybody",
    "pt_ordered_early": "whose physical therapy was ordered early",
    "pt_ordered": "whose physical therapy was ordered",
    "pt_not_declined": "who did not decline physical therapy",
    "job_desk": "with a desk job",
    "job_physical": "with a physical job",
    "job_unknown": "whose job is not known",
}
CHANNELS = {"sms": "text", "email": "e-mail"}
LATE = {
    "until": "it is sent while it is useful",
    "skip": "it is left out once its day is over",
    "next": "it is left out when the next of its kind is due",
}


def happens(step: Row, document: Document) -> str:
    """`day 7` where a day can be named; `3 days before the visit “Six weeks”` where it is booked one by one."""
    offset = int(step["offset_days"])
    if step["anchor"] == "visit":
        return f"{_away(offset)} the visit “{_visit(step, document)}”"
    if step["anchor"] == "check_up_window":
        return f"day {first_day(step, document)} ({_away(offset)} the window of “{_visit(step, document)}”)"
    day = first_day(step, document)
    return f"day {day}" if day < ENDLESS // 2 else "the end of a phase without end"


def _away(offset: int) -> str:
    if offset == 0:
        return "the day of"
    days = f"{abs(offset)} day" if abs(offset) == 1 else f"{abs(offset)} days"
    return f"{days} {'before' if offset < 0 else 'after'}"


def _visit(step: Row, document: Document) -> str:
    found = next((v for v in document["check_ups"] if v["code"] == step["check_up"]), None)
    return title(found) if found else str(step["check_up"])


def title(row: Row) -> str:
    """The English title, else any, else the code."""
    return str(row["title"].get("en") or next(iter(row["title"].values()), "") or row["code"])


def language(tag: str) -> str:
    """The language's English name; the tag itself where none is known."""
    return LANGUAGES.get(tag.split("-")[0].lower(), tag)


FACTS: dict[str, Any] = {
    "kind": lambda row: f"its kind is {row['kind'].replace('_', ' ')}",
    "phase": lambda row: f"it belongs to the phase {row['phase']}",
    "check_up": lambda row: f"it speaks of {row['check_up'] or 'no check-up'}",
    "channels": lambda row: "it goes by " + ", else by ".join(CHANNELS.get(c, c) for c in row["channels"]),
    "condition": lambda row: f"it is for {_whom(row['condition'])}",
    "useful_days": lambda row: f"it is useful for {_count(row['useful_days'])} after its day",
    "staffed_days_only": lambda row: f"it goes on {'open days only' if row['staffed_days_only'] else 'any day'}",
    "late_rule": lambda row: f"when late, {LATE[row.get('late_rule') or 'until']}",
    "warning": lambda row: "it is a warning" if row["warning"] else "it is not a warning",
}  # fmt: skip


def _whom(condition: str) -> str:
    said = CONDITIONS.get(condition, condition)
    return said if condition == "always" else f"patients {said}"


def _count(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"


def repeats(row: Row) -> str:
    """`once`, `every 2 weeks, 3 times` or `every year, without end`."""
    if not row["repeat_days"]:
        return "once"
    every = f"every {_count(row['repeat_days'])}"
    return f"{every}, without end" if row["repeat_count"] is None else f"{every}, {row['repeat_count']} times"


def nature_of_check_up(row: Row) -> Nature:
    """What it was given, else by the rule."""
    return nature.of_check_up(row.get("nature") or "")


def nature_of(step: Row, document: Document) -> Nature:
    """The same of a step, which may follow its check-up."""
    found = next((nature_of_check_up(v) for v in document["check_ups"] if v["code"] == step["check_up"]), None)
    given = step.get("nature") or ""
    return nature.of_step(given, kind=step["kind"], warning=step["warning"], anchor=step["anchor"], check_up=found)


def again(row: Row) -> str:
    """How often, without how many times."""
    return f"every {_count(row['repeat_days'])}" if row["repeat_days"] else "once"


def days(row: Row) -> str:
    """The days of a phase or window, counted from the surgery."""
    if row["last_day"] is None:
        return f"day {row['first_day']} onward"
    one, last = row["first_day"], row["last_day"]
    return f"day {one}" if one == last else f"days {one} to {last}"
