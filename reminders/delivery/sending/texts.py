"""The words of one delivery: the pinned version's text in the contact's language, filled for this patient."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format, time_format

from patients import phones
from patients.models import CheckUp
from reminders.delivery import wording
from reminders.delivery.models import Delivery
from reminders.plan import placeholders
from reminders.plan.models import StepText

SPANISH_DAYS = {"sábado": "sabado"}  # á would turn the whole text into UCS-2: two parts instead of one


class Library:
    """The texts of a batch, read in one query."""

    def __init__(self, steps: Iterable[int]) -> None:
        self.texts: dict[int, dict[str, StepText]] = {}
        for text in StepText.objects.filter(step__in=set(steps)):
            self.texts.setdefault(text.step_id, {})[text.language] = text

    def find(self, step: int, language: str, fallback: str) -> StepText | None:
        """In this language, else its base (es for es-MX), else the clinic's own."""
        known = self.texts.get(step, {})
        for tag in (language, language.split("-")[0], fallback, fallback.split("-")[0]):
            if tag in known:
                return known[tag]
        return None


def write(delivery: Delivery, text: StepText, visit: CheckUp | None) -> None:
    """Put subject, text and language into the delivery, as they will leave. Raises placeholders.PlaceholderError."""
    values = values_for(delivery, text.language, visit)
    delivery.language = text.language
    if delivery.channel == "sms":
        delivery.text = wording.downgrade(placeholders.render(text.sms, values))
        delivery.subject, delivery.parts = "", wording.parts(delivery.text).parts
    else:
        delivery.subject = placeholders.render(text.subject, values)
        delivery.text, delivery.parts = placeholders.render(text.body, values), 1


def values_for(delivery: Delivery, language: str, visit: CheckUp | None) -> dict[str, str]:
    surgery = delivery.reminder.surgery
    site = surgery.site
    values = {
        "clinic": site.short_name,
        "clinic_phone": phones.spoken(str(site.phone)),
        "emergency_number": site.emergency_number,
        "link": f"{settings.PUBLIC_URL}/p/{surgery.care_plan.link}/",
    }
    if delivery.channel == "email":
        values |= {"first_name": surgery.patient.given_name, "surgeon": str(surgery.surgeon)}
    if visit and visit.booked_for:
        values |= spoken_moment(visit.booked_for.astimezone(site.zone), language, sms=delivery.channel == "sms")
    return values


def spoken_moment(local: datetime, language: str, *, sms: bool) -> dict[str, str]:
    """The visit's day and time at the clinic, in the reader's language."""
    with translation.override(language):
        day = date_format(local, "l, F j" if language.startswith("en") else r"l j \d\e F")
        at = time_format(local, "g:i A" if language.startswith("en") else "H:i")
    if sms:
        for accented, plain in SPANISH_DAYS.items():
            day = day.replace(accented, plain)
    return {"visit_day": day, "visit_time": at}
