"""Making, renewing and revoking the secret address of a calendar."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from patients import audit
from patients.models import Patient, Site, StaffMember
from patients.models.calendar_feed import CalendarFeed
from patients.models.staff import Role


def may_give(
    site: Site, by: StaffMember, *, patient: Patient | None = None, surgeon: StaffMember | None = None
) -> bool:
    """A patient's: everybody at the site may, as with any link of theirs. A surgeon's: that surgeon or a manager.

    The site's: a manager.
    """
    if patient:
        return patient.site_id == site.pk and by.is_at(site)
    if surgeon and not surgeon.is_at(site, Role.SURGEON):
        return False
    return by.is_at(site, Role.MANAGER) or (surgeon == by and by.is_active)


@transaction.atomic
def renew(
    site: Site,
    *,
    by: StaffMember,
    now: datetime,
    patient: Patient | None = None,
    surgeon: StaffMember | None = None,
) -> CalendarFeed:
    """A new address; the one before is dead at once. Raises PermissionDenied."""
    revoke(site, by=by, now=now, patient=patient, surgeon=surgeon)
    feed = CalendarFeed.objects.create(site=site, patient=patient, surgeon=surgeon, made_at=now, made_by=by)
    audit.record("calendar address made", of=patient or site, by=by, now=now, whose=_whose(patient, surgeon))
    return feed


@transaction.atomic
def revoke(
    site: Site,
    *,
    by: StaffMember,
    now: datetime,
    patient: Patient | None = None,
    surgeon: StaffMember | None = None,
) -> bool:
    """Whether there was one. Idempotent. Raises PermissionDenied."""
    if not may_give(site, by, patient=patient, surgeon=surgeon):
        raise PermissionDenied("Only a manager, or the surgeon whose calendar it is, can decide about this address.")
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)  # two who renew at once come one after the other
    used = CalendarFeed.objects.filter(_whom(patient), site=site, surgeon=surgeon, revoked_at=None)
    revoked = used.update(revoked_at=now)
    if revoked:
        audit.record("calendar address revoked", of=patient or site, by=by, now=now, whose=_whose(patient, surgeon))
    return bool(revoked)


def hand_over(patient: Patient, *, into: Patient) -> list[int]:
    """Of a patient number that is merged: the calendar of the number that stays, unless that one has its own.

    The address goes on in either case: `clinic.calendar_feed` shows whoever stays. The keys of what moved.
    """
    used = CalendarFeed.objects.filter(patient=patient, revoked_at=None)
    if CalendarFeed.objects.filter(patient=into, revoked_at=None).exists():
        return []
    keys = list(used.values_list("pk", flat=True))
    CalendarFeed.objects.filter(pk__in=keys).update(patient=into)
    return keys


def _whom(patient: Patient | None) -> Q:
    """With the addresses of numbers that were merged into this one: they show the same calendar."""
    return Q(patient=patient) | Q(patient__merged_into=patient) if patient else Q(patient=None)


def _whose(patient: Patient | None, surgeon: StaffMember | None) -> str:
    return "the patient" if patient else str(surgeon) if surgeon else "the site"
