"""The shipped protocols as their files have them, by code."""

from typing import Any

from reminders.plan import library

LIBRARY: dict[str, dict[str, Any]] = {protocol["code"]: protocol for protocol in library.shipped()}
CODES = ["decompression", "fusion", "miss-base", "si-fusion", "vertebroplasty"]


def days_of(code: str, step: dict[str, Any], *, until: int = 0) -> list[int]:
    """Its first day, and with `until` also each time its check-up comes round again."""
    phases = {phase["code"]: phase for phase in LIBRARY[code]["phases"]}
    visits = {visit["code"]: visit for visit in LIBRARY[code]["check_ups"]}
    match step["anchor"]:
        case "surgery":
            return [step["offset_days"]]
        case "phase_start" | "phase_end":
            edge = "first_day" if step["anchor"] == "phase_start" else "last_day"
            return [phases[step["phase"]][edge] + step["offset_days"]]
        case _:
            visit = visits[step["check_up"]]
            first = visit["first_day"] + step["offset_days"]
            return list(range(first, max(first, until) + 1, visit["repeat_days"] or 9999))
