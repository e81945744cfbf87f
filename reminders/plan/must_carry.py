"""What a text must carry so that nobody is left without a number to call or a way to answer. Pure.

Which steps: PROTOCOLS, sections 4 and 6, and day 0 and every warning besides. A restriction or a sign of danger is
read by somebody who may just now need the number.
"""

import re
from collections.abc import Iterator

from reminders.plan import placeholders
from reminders.plan.values import Anchor, StepSpec

ASKED_TO_CALL = re.compile(
    r"\b(?:call|phone|ring) (?:us|the clinic|our office|\{clinic\})"
    r"|\bll[aá]m(?:e|en)nos\b|\bll[aá]manos\b|\bllamen? (?:a|al|a la) (?:cl[ií]nica|consultorio|\{clinic\})",
    re.IGNORECASE,
)
BY_PHONE = {"book_check_up": "that asks for a booking", "recall": "that asks for a booking"}


def missing(step: StepSpec, channel: str, text: str) -> Iterator[str]:
    """Sentences; `channel` as staff call it, "text message" or "e-mail". Nothing for an empty text."""
    if not text.strip():
        return
    used = placeholders.used(text)
    if (what := _needs_emergency_number(step)) and "emergency_number" not in used:
        yield f"the {channel} {what} must carry {{emergency_number}}."
    if "clinic_phone" not in used:
        if step.kind in BY_PHONE:
            yield f"the {channel} {BY_PHONE[step.kind]} must carry {{clinic_phone}}."
        elif ASKED_TO_CALL.search(text):
            yield f"the {channel} asks the patient to call and gives no number. Put {{clinic_phone}} into it."
    if step.kind == "check_in" and channel == "e-mail" and "link" not in used:
        yield "the e-mail of a check-in must carry {link}, where it can be answered."


def _needs_emergency_number(step: StepSpec) -> str:
    if step.kind == "check_in":
        return "of a check-in"
    if step.kind == "walk_today" or (step.anchor == Anchor.SURGERY and step.offset_days == 0):
        return "of day 0"
    return "of a warning" if step.warning else ""
