"""The text of one delivery: the pinned version's text in the contact's language, filled for this patient."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format, time_format

from patients import phones
from patients.models import CheckUp, Site, Surgery
from reminders.delivery import mail_frame, mail_html
from reminders.delivery.sending.recipient_names import NOT_NAMED, RecipientName
from reminders.plan import blanks, placeholders
from reminders.plan.models import StepText, VisitTimeChange
from reminders.plan.models.protocol import VersionState
from reminders.plan.wording import name_prefix
from reminders.plan.wording.segments import plain_letters

FAR = timedelta(days=180)  # a yearly visit: "Tuesday, November 30" alone reads as this year's
SPANISH_DAYS = {"sábado": "sabado"}  # á would turn the whole text into UCS-2: two parts instead of one


class Library:
    """The texts of a batch, read in one query."""

    def __init__(self, steps: Iterable[int]) -> None:
        self.texts: dict[int, dict[str, StepText]] = {}
        for text in StepText.objects.filter(step__in=set(steps)).select_related("step__version"):
            fill_blanks(text)
            self.texts.setdefault(text.step_id, {})[text.language] = text

    def find(self, step: int, language: str, fallback: str) -> StepText | None:
        """In this language, else its base (es for es-MX), else the clinic's own."""
        known = self.texts.get(step, {})
        for tag in (language, language.split("-")[0], fallback, fallback.split("-")[0]):
            if tag in known:
                return known[tag]
        return None


def fill_blanks(text: StepText) -> None:
    """What the surgeon filled in or struck; in a draft, an open blank shows as a line to write on."""
    version = text.step.version
    for name in ("sms", "subject", "body"):
        words = blanks.fill(getattr(text, name), version.blanks, text.language)
        if version.state == VersionState.DRAFT:
            words = blanks.with_lines(words)
        setattr(text, name, words)


class ClinicValues:
    """What a site's own values are: made once for a batch, as its phone number is slow to write out."""

    def __init__(self, site: Site) -> None:
        self.zone = site.zone
        self.values = {
            "clinic": site.short_name,
            "clinic_phone": phones.spoken(str(site.phone)),
            "emergency_number": site.emergency_number,
            "address": site.address or site.name,
        }


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what a text speaks of. `first_name` and `surgeon` are only for mail.

    `name`: whom it must name, as others are written to there, or as a caregiver reads it. `change`: of the visit's
    time, which a notice tells; without it the visit's own time counts.
    """

    clinic: ClinicValues
    channel: str
    link: str
    first_name: str = ""
    surgeon: str = ""
    visit: CheckUp | None = None
    name: RecipientName = NOT_NAMED
    change: VisitTimeChange | None = None

    def values(self, language: str) -> Mapping[str, str]:
        """Placeholder to value; names only in an e-mail."""
        values = {**self.clinic.values, "link": f"{settings.PUBLIC_URL}/p/{self.link}/"}
        if self.channel == "email":
            values |= {"first_name": self.first_name, "surgeon": self.surgeon}
        else:
            values["address"] = plain_letters(values["address"])
        starts = self.change.starts if self.change else self.visit.booked_for if self.visit else None
        if starts:
            values |= self._moment(starts, language)
        if self.change and self.change.was:
            was = self._moment(self.change.was, language)
            values |= {"was_day": was["visit_day"], "was_time": was["visit_time"]}
        return values

    def _moment(self, at: datetime, language: str) -> dict[str, str]:
        far = self.change is not None and at - self.change.at > FAR
        return spoken_moment(at.astimezone(self.clinic.zone), language, sms=self.channel == "sms", year=far)


def about(surgery: Surgery, channel: str, visit: CheckUp | None = None) -> About:
    """Whom and what a text to this patient speaks of."""
    clinic, link = ClinicValues(surgery.site), surgery.care_plan.link
    return About(clinic, channel, link, surgery.patient.greeting, str(surgery.surgeon), visit)


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text as it will be sent. `parts`: what the carrier counts."""

    language: str = ""
    text: str = ""
    subject: str = ""
    parts: int = 0


def write(text: StepText, about: About, *, asks: bool = False, on_page: bool = False) -> WrittenText:
    """`asks`: an answer is waited for; `on_page`: the patient's page takes it. Raises placeholders.PlaceholderError."""
    values, tag, language = about.values(text.language), about.name.tag, text.language
    said = {"tag": tag, "clinic": values["clinic"], "language": language}
    if about.channel == "sms":
        words = name_prefix.say(placeholders.render(text.sms, values), **said)
        if asks and about.name.several:
            words = name_prefix.begin(words, [tag], language=language)
        words = mail_html.downgrade(words)
        return WrittenText(language, words, parts=mail_html.parts(words).parts)
    subject = name_prefix.say(placeholders.render(text.subject, values), **said)
    body = name_prefix.headed(placeholders.render(text.body, values), tag, language=language)
    return WrittenText(language, _framed(body, values, language, on_page=on_page), subject, parts=1)


def _framed(body: str, values: Mapping[str, str], language: str, *, on_page: bool) -> str:
    """A signed protocol's mail may have no link, and no address of the visit."""
    tells_a_time = "visit_day" in values
    what = "visit" if tells_a_time else "answer" if on_page else "page"
    address = values["address"] if tells_a_time else ""
    return mail_frame.with_page(body, language=language, link=values["link"], address=address, asks=what)


def spoken_moment(local: datetime, language: str, *, sms: bool, year: bool = False) -> dict[str, str]:
    """The visit's day and time at the clinic, in the reader's language; with the year where it is far ahead."""
    with translation.override(language):
        english, other = ("l, F j, Y", r"l j \d\e F \d\e Y") if year else ("l, F j", r"l j \d\e F")
        day = date_format(local, english if language.startswith("en") else other)
        at = time_format(local, "g:i A" if language.startswith("en") else "H:i")
    if sms:
        for accented, plain in SPANISH_DAYS.items():
            day = day.replace(accented, plain)
    return {"visit_day": day, "visit_time": at}
