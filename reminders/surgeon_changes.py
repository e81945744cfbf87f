"""Another surgeon takes over: one operation, or all of a surgeon who leaves.

What follows: mails, the patient's page and lists name the new surgeon from now on, booked visits stand in the new one's
calendar, and an open alert that the earlier one had taken is theirs. What stays: the pinned protocol version, whoever
signed it, and the name in what was sent. Alerts reach the site's roles as before; a change of surgeon silences none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from patients import audit
from patients.models import CheckUp, Site, StaffMember, Surgery
from patients.models.staff import Role
from reminders.plan.models import ProtocolVersion
from reminders.plan.models.protocol import VersionState
from reminders.replies.alerts import handling
from reminders.replies.models import Alert


@dataclass(frozen=True, slots=True)
class HandOver:
    """How many of each would change hands. `signed`: versions the leaving surgeon signed; they stay in force."""

    surgeries: int
    patients: int
    visits: int
    alerts: int
    signed: int


def surgeons_at(site: Site) -> QuerySet[StaffMember]:
    """Who may operate here now."""
    active = StaffMember.objects.filter(is_active=True)
    return active.filter(memberships__site=site, memberships__role=Role.SURGEON).distinct()


def with_patients_at(site: Site) -> QuerySet[StaffMember]:
    """Whose patients could be handed over: also surgeons who are switched off already."""
    return StaffMember.objects.filter(pk__in=_cared_for(site).values("surgeon"))


def look(site: Site, *, leaving: StaffMember, by: StaffMember) -> HandOver:
    """What `hand_over` would change. Raises PermissionDenied."""
    _only_deciders(site, by)
    surgeries = _cared_for(site).filter(surgeon=leaving)
    return HandOver(
        surgeries=surgeries.count(),
        patients=surgeries.values("patient").distinct().count(),
        visits=CheckUp.objects.upcoming().filter(surgery__in=surgeries).count(),
        alerts=_alerts_of(leaving, surgeries).count(),
        signed=ProtocolVersion.objects.filter(
            protocol__site=site, state=VersionState.SIGNED, signed_by=leaving
        ).count(),
    )


@transaction.atomic
def change_surgeon(surgery: Surgery, *, to: StaffMember, why: str, by: StaffMember, now: datetime) -> Surgery:
    """Surgeons and managers only. Idempotent. Raises ValidationError: no reason, not a surgeon here, cancelled."""
    surgery = Surgery.objects.select_for_update(of=("self",)).select_related("site", "surgeon").get(pk=surgery.pk)
    _only_deciders(surgery.site, by)
    if surgery.cancelled_at:
        raise ValidationError(surgery.why_not)
    _change(surgery.site, [surgery], to=to, why=_checked(surgery.site, to, why), by=by, now=now)
    surgery.refresh_from_db()
    return surgery


@transaction.atomic
def hand_over(
    site: Site, *, leaving: StaffMember, to: StaffMember, why: str, by: StaffMember, now: datetime
) -> HandOver:
    """Every operation of one surgeon at this site whose plan runs or that has a visit booked; what changed hands.

    A further call finds none left. Operations that ended or were cancelled keep the surgeon who operated.
    """
    _only_deciders(site, by)
    why = _checked(site, to, why)
    if leaving == to:
        raise ValidationError({"to": "Choose another surgeon than the one who leaves."})
    done = look(site, leaving=leaving, by=by)
    mine = _cared_for(site).filter(surgeon=leaving).values("pk")
    rows = Surgery.objects.select_for_update(of=("self",)).filter(pk__in=mine).select_related("surgeon").order_by("pk")
    _change(site, list(rows), to=to, why=why, by=by, now=now)
    return done


def _change(
    site: Site, surgeries: Sequence[Surgery], *, to: StaffMember, why: str, by: StaffMember, now: datetime
) -> None:
    changed = [surgery for surgery in surgeries if surgery.surgeon_id != to.pk]
    told = [(one, {"was": str(one.surgeon), "surgeon": str(to), "why": why}) for one in changed]
    alerts = [alert for one in changed for alert in _alerts_of(one.surgeon, Surgery.objects.filter(pk=one.pk))]
    Surgery.objects.filter(pk__in=[one.pk for one in changed]).update(surgeon=to)
    audit.record_all("surgeon changed", of=told, by=by, now=now)
    for alert in {alert.pk: alert for alert in alerts}.values():
        handling.hand_over(alert, to=to, by=by, now=now)


def _cared_for(site: Site) -> QuerySet[Surgery]:
    """Whose plan runs, or who is still to be seen."""
    to_be_seen = CheckUp.objects.upcoming().values("surgery")
    return Surgery.objects.filter(site=site, cancelled_at=None).filter(Q(ended_at=None) | Q(pk__in=to_be_seen))


def _alerts_of(surgeon: StaffMember, surgeries: QuerySet[Surgery]) -> QuerySet[Alert]:
    """Open ones about these operations that this surgeon has taken."""
    return Alert.objects.filter(owner=surgeon, closed_at=None, surgery__in=surgeries.values("pk"))


def _checked(site: Site, to: StaffMember, why: str) -> str:
    """The reason. Raises ValidationError with a sentence per field."""
    wrong: dict[str, str] = {}
    if not why.strip():
        wrong["why"] = "Say in a few words why."
    if not to.is_at(site, Role.SURGEON):
        wrong["to"] = f"{to} is not a surgeon at {site}. Choose one who is."
    if wrong:
        raise ValidationError(wrong)
    return why.strip()[:200]


def _only_deciders(site: Site, by: StaffMember) -> None:
    if not by.decides_at(site):
        raise PermissionDenied(f"Only a surgeon or a manager of {site} can change a surgeon. Ask one of them.")
