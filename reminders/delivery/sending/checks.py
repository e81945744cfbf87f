"""The checks just before a message is sent, with facts from the tables or from a preview."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from django.conf import settings

from patients import phones
from patients.models import CheckUp, Site
from patients.models.site import SiteMode
from reminders.delivery.safeguards import blocked_ranges
from reminders.delivery.sending import guards, lateness
from reminders.delivery.sending.frequency_caps import Number, Tallies
from reminders.delivery.sending.load import ContactStanding, DueDelivery
from reminders.delivery.sending.recipient_names import NOT_NAMED, RecipientName
from reminders.delivery.sending.texts import About, ClinicValues, Library, WrittenText, write
from reminders.delivery.state import State
from reminders.plan import placeholders
from reminders.plan.local_time import next_opening
from reminders.plan.models import VisitTimeChange
from reminders.plan.models.careplan import caregiver_link
from reminders.plan.models.step import StepKind
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor
from reminders.plan.visit_keys import visit_of
from reminders.plan.visit_notices import is_notice


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryChecks:
    """All that is known about the deliveries of one batch.

    By contact: `contacts`, `names`, `numbers` (texts only). `ranges`: blocked until when, by prefix. `senders`: site
    and channel. `clinics`: by site. `visits`: by surgery, code and occurrence. `late`: by reminder, why it is too late.
    `changes`: the last one of each check-up's time, where a notice speaks of it.
    """

    contacts: Mapping[int, ContactStanding]
    names: Mapping[int, RecipientName]
    numbers: Mapping[int, Number]
    tallies: Tallies
    ranges: Mapping[str, datetime]
    senders: Container[tuple[int, str]]
    texts: Library
    clinics: Mapping[int, ClinicValues]
    surgeons: Mapping[int, str]
    visits: Mapping[tuple[int, str, int], CheckUp]
    late: Mapping[int, Reason]
    changes: Mapping[int, VisitTimeChange] = field(default_factory=dict)

    def look(self, row: DueDelivery, now: datetime) -> tuple[guards.Verdict, WrittenText]:
        """None, and the words it leaves with; or what stops or holds it, and none.

        Held for a limit, it keeps its place there: the next one waits for the place after it.
        """
        verdict, words = guards.verdict(self.facts(row, now), now), WrittenText()
        if verdict is None and not (words := self.words(row)).text:
            verdict = guards.Stop(State.SUPPRESSED, Reason.NO_TEXT)
        if isinstance(verdict, guards.HoldBack) and verdict.reason in (Reason.CONTACT_LIMIT, Reason.SITE_LIMIT):
            self.tallies.add(row, verdict.until)
        return verdict, words

    def facts(self, row: DueDelivery, now: datetime) -> guards.DeliveryFacts:
        """What `guards.verdict` needs to know about one delivery now."""
        contact, opening = self.contacts[row.contact], opening_of(row, now)
        free_at, limit = max(self.tallies.free_at(row, now), self._range(row, now), key=itemgetter(0))
        return guards.DeliveryFacts(
            useful_until=row.useful_until,
            opening=opening,
            free_at=opening if free_at == now else opening_of(row, free_at),
            limit=limit,
            recalled=self._recalled(row),
            contact_usable=contact.usable,
            agreed=contact.agreed,
            is_revoked=contact.is_revoked,
            in_scope=contact.may_be_told(row.step),
            can_be_named=row.contact not in self.names or self.names[row.contact].tag != "",
            contact_held=contact.held_since is not None,
            country_allowed=self._country_allowed(row),
            surgery_active=row.cancelled_at is None,
            plan_runs=row.ended_at is None or is_notice(row.step.code),
            patient_active=row.patient_status == "active",
            trial_allows=not is_trial(row.site) or row.is_trial_recipient,
            has_sender=(row.site.pk, row.channel) in self.senders,
        )

    def _range(self, row: DueDelivery, now: datetime) -> tuple[datetime, Reason]:
        if row.channel != "sms":
            return now, Reason.NONE
        return blocked_ranges.free_at(self.numbers[row.contact][1], self.ranges, now)

    def _country_allowed(self, row: DueDelivery) -> bool:
        if row.channel != "sms":
            return True
        return country_allowed(row.site, self.numbers[row.contact][1])

    def _recalled(self, row: DueDelivery) -> Reason:
        """Why the plan does not want it any more: said by planning, or seen in the visit it speaks of."""
        if row.recalled:
            return Reason(row.recalled)
        if row.step.anchor == Anchor.VISIT:
            stands = self._change_number(row) if is_notice(row.step.code) else self._booking(row)
            if stands != visit_of(row.occurrence)[1]:
                return Reason.VISIT_MOVED
        return self._late(row)

    def _booking(self, row: DueDelivery) -> int | None:
        visit = self.visit_of(row)
        return visit.bookings if visit else None

    def _change_number(self, row: DueDelivery) -> int | None:
        change = self.change_of(row)
        return change.number if change else None

    def change_of(self, row: DueDelivery) -> VisitTimeChange | None:
        """Of the visit that a notice speaks of."""
        visit = self.visit_of(row)
        return self.changes.get(visit.pk) if visit and is_notice(row.step.code) else None

    def _late(self, row: DueDelivery) -> Reason:
        """What was tried already is tried on, and what staff sends again goes: a person decided that."""
        return Reason.NONE if row.attempts else self.late.get(row.reminder, Reason.NONE)

    def visit_of(self, row: DueDelivery) -> CheckUp | None:
        if row.step.anchor != Anchor.VISIT or row.step.check_up is None:
            return None
        return self.visits.get((row.surgery, row.step.check_up.code, visit_of(row.occurrence)[0]))

    def words(self, row: DueDelivery) -> WrittenText:
        """Empty where there is no text for it, or a value is missing in it."""
        text = self.texts.find(row.step.pk, row.language, row.site.language)
        surgeon = self.surgeons.get(row.surgeon, "")
        clinic, name = self.clinics[row.clinic.pk], self.names.get(row.contact, NOT_NAMED)
        link = row.link if self.contacts[row.contact].sees_the_page else caregiver_link(row.link, row.contact)
        visit, change = self.visit_of(row), self.change_of(row)
        about = About(clinic, row.channel, link, row.first_name, surgeon, visit, name, change)
        try:
            if text is None:
                return WrittenText()
            on_page = row.step.kind == StepKind.CHECK_IN
            return write(text, about, asks=row.step.is_answered, on_page=on_page)
        except placeholders.PlaceholderError:
            return WrittenText()


def late_query(row: DueDelivery, now: datetime) -> lateness.LatenessQuery:
    """What `lateness` needs to know if this delivery were sent now."""
    rule, is_moved = row.step.late_rule, bool(row.shifts)
    return lateness.LatenessQuery(row.reminder, row.surgery, row.due_at, opening_of(row, now), row.zone, rule, is_moved)


def country_allowed(site: Site, number: str) -> bool:
    """Whether the site texts numbers of that country; its own where it names none."""
    return phones.country(number) in (site.text_countries or [site.country])


def is_trial(site: Site) -> bool:
    """Whether only trial recipients get messages at this site."""
    return site.mode == SiteMode.TRIAL and settings.MESSAGES == "live"


def opening_of(row: DueDelivery, at: datetime) -> datetime:
    """At once inside the hours in which messages may leave, else when they begin."""
    return next_opening(at, opens=row.site.send_from, closes=row.site.send_until, zone=row.zone)
