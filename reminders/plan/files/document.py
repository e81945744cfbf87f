"""A protocol as a document: the plain values of one file. Pure.

    {"code", "name", "family", "summary", "expected_pain", "phases": […], "check_ups": […], "steps": […]}

with the keys of `plan/library/*.yaml`; `at` is "09:00", texts are {language: {"sms", "subject", "body"}}.
"""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
Step = Mapping[str, Any]
ENDLESS = 100_000  # a phase without an end has no last day to hang on; such a step is sorted last, and is a fault


def first_day(step: Step, document: Document) -> int:
    """The day on which it first falls due, counted from the operation; a visit is taken at its target day."""
    return _origin(step, document) + int(step["offset_days"])


def steps_in_order(document: Document) -> list[Any]:
    """Steps by the day they fall on without a patient's facts, then hour, then code."""
    return sorted(document["steps"], key=lambda step: (first_day(step, document), step["at"], step["code"]))


def in_order(document: Document) -> Document:
    """Phases, check-ups and steps by day, whatever order they were written in."""
    days = ("first_day", "code")
    return document | {
        "phases": sorted(document["phases"], key=lambda row: tuple(row[name] for name in days)),
        "check_ups": sorted(document["check_ups"], key=lambda row: tuple(row[name] for name in days)),
        "steps": steps_in_order(document),
    }


def _origin(step: Step, document: Document) -> int:
    phases = {phase["code"]: phase for phase in document["phases"]}
    visits = {visit["code"]: visit for visit in document["check_ups"]}
    match step["anchor"]:
        case "phase_start":
            return int(phases.get(step["phase"], {}).get("first_day", ENDLESS))
        case "phase_end":
            last = phases.get(step["phase"], {}).get("last_day")
            return ENDLESS if last is None else int(last)
        case "check_up_window":
            return int(visits.get(step["check_up"], {}).get("first_day", ENDLESS))
        case "visit":
            return int(visits.get(step["check_up"], {}).get("target_day", ENDLESS))
        case _:
            return 0
