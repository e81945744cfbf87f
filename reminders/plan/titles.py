"""A step's title on the day it really comes: “Check-in, day 1” that comes on day 2 says so. Pure."""

import re

from reminders.plan.values import Anchor


def title_on(title: str, *, anchor: str, offset_days: int, day: int) -> str:
    """`day`: after the operation, by the patient's clock. Only the step's own day in the title is another one then."""
    if anchor != Anchor.SURGERY or day == offset_days:
        return title
    return re.sub(rf"\b(day) {offset_days}\b", rf"\1 {day}", title, flags=re.IGNORECASE)
