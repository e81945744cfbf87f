"""What a claim knows of its rows, read flat: joined in one query, with sites and steps once for the batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf

from patients.consent import ConsentKind, may_be_told
from patients.models import CheckUp, Contact, Site, StaffMember
from patients.models.contact import Relationship, Scope
from reminders.bulk import Among
from reminders.delivery.models import Delivery
from reminders.plan.models import Step, VisitTimeChange
from reminders.plan.values import Anchor
from reminders.plan.visit_notices import is_notice

CLINICAL_ORDER = ("priority", "not_before", "pk")
SURGERY = "reminder__surgery__"
GREETING = Coalesce(NullIf(F(SURGERY + "patient__given_name"), Value("")), F(SURGERY + "patient__family_name"))
COLUMNS: list[str | Combinable] = [  # in the order of the fields of `Due`, from `pk` on
    "pk", "contact", "channel", "reason", "not_before", "useful_until", "attempt_count",
    "reminder", "reminder__due_at", "reminder__shifts", "reminder__reason", "reminder__occurrence",
    "reminder__surgery", SURGERY + "cancelled_at", SURGERY + "ended_at", SURGERY + "surgeon",
    SURGERY + "patient__status", SURGERY + "patient__time_zone", GREETING,
    SURGERY + "care_plan__link", "contact__language", "contact__email", "contact__is_trial_recipient",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """One delivery that may be claimed. `clinic`: of the operation; `home`: the patient's, for the time zone."""

    site: Site
    clinic: Site
    home: Site
    step: Step
    pk: int
    contact: int
    channel: str
    reason: str
    not_before: datetime
    useful_until: datetime
    attempts: int
    reminder: int
    due_at: datetime
    shifts: Sequence[object]
    recalled: str
    occurrence: int
    surgery: int
    cancelled_at: datetime | None
    ended_at: datetime | None
    surgeon: int
    patient_status: str
    patient_zone: str
    first_name: str
    link: str
    language: str
    email: str
    is_trial_recipient: bool

    @property
    def zone(self) -> ZoneInfo:
        """The patient's own time zone, else the site's."""
        return ZoneInfo(self.patient_zone or self.home.time_zone)


def read(keys: Sequence[int]) -> list[DueDelivery]:
    """These deliveries in the order in which they leave."""
    shared = ("site", SURGERY + "site", SURGERY + "patient__site", "reminder__step")
    rows = Delivery.objects.filter(Among("pk", keys)).order_by(*CLINICAL_ORDER)
    found = list(rows.values_list(*shared, *COLUMNS))
    sites = Site.objects.in_bulk({site for row in found for site in row[:3]})
    steps = Step.objects.select_related("check_up").in_bulk({row[3] for row in found})
    return [DueDelivery(sites[row[0]], sites[row[1]], sites[row[2]], steps[row[3]], *row[4:]) for row in found]


class ContactStanding(NamedTuple):
    """A contact as it is once it is locked. The fields are columns."""

    consent_kind: str | None
    ended_at: datetime | None
    unusable_since: datetime | None
    held_since: datetime | None
    relationship: str
    scope: str

    @property
    def agreed(self) -> bool:
        """Whether the latest consent event says given."""
        return self.consent_kind == ConsentKind.GIVEN

    @property
    def usable(self) -> bool:
        """Whether it is in use and not known to be dead."""
        return self.ended_at is None and self.unusable_since is None

    @property
    def is_caregiver(self) -> bool:
        """Whether it is a caregiver's contact."""
        return self.relationship == Relationship.CAREGIVER

    @property
    def is_revoked(self) -> bool:
        """A caregiver whose number is dead was not revoked."""
        return self.is_caregiver and self.ended_at is not None

    @property
    def sees_the_page(self) -> bool:
        """The patient's own page has all of it, check-ins too: a narrower scope opens a narrower one."""
        return not self.is_caregiver or self.scope == Scope.ALL

    def may_be_told(self, step: Step) -> bool:
        """Whether the contact's scope allows this step."""
        return may_be_told(self.scope, about_a_visit=step.about_a_visit, is_warning=step.warning)


def lock_contacts(rows: Sequence[DueDelivery], places: dict[int, int]) -> dict[int, ContactStanding]:
    """These rows' contacts, as they are now, and locked: a STOP takes the same locks, so it is seen or it comes after.

    A contact that somebody else holds at this moment is left out, and what is for it waits for the next claim:
    to wait here could be a deadlock, as a STOP goes on from the contact to its deliveries.
    """
    wanted = {row.contact for row in rows}.union(places.values())
    free = Contact.objects.select_for_update(no_key=True, skip_locked=True).filter(Among("pk", wanted)).order_by("pk")
    locked = set(free.values_list("pk", flat=True))
    fit = {row.contact for row in rows if {row.contact, places.get(row.pk, row.contact)} <= locked}
    facts = Contact.objects.with_consent().filter(Among("pk", fit))
    return {pk: ContactStanding(*standing) for pk, *standing in facts.values_list("pk", *ContactStanding._fields)}


def visits(rows: Iterable[DueDelivery]) -> dict[tuple[int, str, int], CheckUp]:
    """The booked visits these rows are about, by surgery, code and occurrence."""
    surgeries = {row.surgery for row in rows if row.step.anchor == Anchor.VISIT}
    return {(v.surgery_id, v.code, v.occurrence): v for v in CheckUp.objects.filter(surgery__in=surgeries)}


def changes(rows: Iterable[DueDelivery], known: Mapping[tuple[int, str, int], CheckUp]) -> dict[int, VisitTimeChange]:
    """The last change of the time of each visit that a notice speaks of; by check-up."""
    spoken_of = {row.surgery for row in rows if is_notice(row.step.code)}
    keys = [visit.pk for visit in known.values() if visit.surgery_id in spoken_of]
    rows_in_order = VisitTimeChange.objects.filter(check_up__in=keys).order_by("number") if keys else ()
    return {change.check_up_id: change for change in rows_in_order}


def surgeons(rows: Iterable[DueDelivery]) -> dict[int, str]:
    """The surgeons of these operations; only mail names them."""
    wanted = {row.surgeon for row in rows if row.channel == "email"}
    return {pk: str(person) for pk, person in StaffMember.objects.in_bulk(wanted).items()}
