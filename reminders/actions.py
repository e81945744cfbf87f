"""What staff decide about one plan. Each saves, recomputes the plan and writes the audit, in one transaction."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import actions as care
from patients import audit
from patients.closed_days import close_on_holidays
from patients.models import Contact, Patient, Procedure, Site, StaffMember, Surgery
from patients.models.contact import Relationship
from patients.models.patient import PatientStatus
from patients.shared_contacts import lock_connected
from reminders import calls, further_operation, site_days
from reminders.delivery.followup.opt_out import end_what_waits
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Delivery, Sender
from reminders.plan import library, planning, zone_refresh
from reminders.plan.checkups import call_again
from reminders.plan.models import CarePlan, Reminder
from reminders.plan.models.careplan import new_link
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.row_diff import Changes
from reminders.plan.values import ChangeKind
from reminders.plan_changes import Wish, decide, rehearse

RESENDABLE = [
    ReminderStatus.FAILED,
    ReminderStatus.EXPIRED,
    ReminderStatus.SUPPRESSED,
    ReminderStatus.UNCONFIRMED,
]
OF_SURGERY = {"physical_therapy", "job", "levels", "asa_class"}
OF_PATIENT = {"conditions", "bmi_band"}
NO_REASON = "No reason was given."


@transaction.atomic
def open_site(site: Site, *, by: StaffMember | None, now: datetime, sms: str = "", email: str = "") -> Site:
    """A new site with the shipped protocols as drafts and, where given, what it writes from."""
    site.full_clean()
    site.save()
    for channel, address in (("sms", sms), ("email", email)):
        if address:
            Sender.objects.create(site=site, channel=channel, address=address)
    library.install(site)
    close_on_holidays(site, by=by, now=now)
    audit.record("site opened", of=site, by=by, now=now)
    return site


@transaction.atomic
def add_procedure(procedure: Procedure, *, by: StaffMember, now: datetime) -> Procedure:
    """A new kind of operation; every site starts it with its protocol for that family and may choose another."""
    procedure.full_clean()
    procedure.save()
    library.offer(procedure)
    audit.record_everywhere("procedure added", of=procedure, by=by, now=now, name=procedure.name)
    return procedure


def preview_move(surgery: Surgery, *, to: date, by: StaffMember, now: datetime) -> Changes:
    """What moving the day of surgery would change; nothing of it is kept."""
    return rehearse(lambda: move_surgery(surgery, to=to, by=by, now=now))


def move_surgery(surgery: Surgery, *, to: date, by: StaffMember, now: datetime, why: str = NO_REASON) -> Changes:
    """Move the day of surgery. What was sent stays; what is past now is skipped; booked visits keep their time."""
    wish = Wish(ChangeKind.DATE, to=to.isoformat())
    return decide(surgery, wish, why=why, by=by, now=now).changes


@transaction.atomic
def change_facts(surgery: Surgery, *, by: StaffMember, now: datetime, **facts: object) -> Changes:
    """Change clinical details, by name: therapy and job act at once, the four factors by what they propose."""
    care.lock_patient(surgery.patient)  # before the plans, as whoever enrols or changes a status does
    surgery = _active(surgery)
    _only_deciders(surgery.site, by, to="change clinical details")
    if unknown := facts.keys() - OF_SURGERY - OF_PATIENT:
        raise ValueError(", ".join(sorted(unknown)))
    for row, names in ((surgery, OF_SURGERY), (surgery.patient, OF_PATIENT)):
        for name in facts.keys() & names:
            setattr(row, name, facts[name])
        row.full_clean()
        row.save()
    told = {name: ", ".join(value) if isinstance(value, list) else value for name, value in facts.items()}
    audit.record("facts changed", of=surgery, by=by, now=now, facts=told)
    return planning.sync(surgery, now=now)


@transaction.atomic
def cancel_surgery(surgery: Surgery, *, why: str, by: StaffMember, now: datetime) -> Changes:
    """End the plan: what was not sent is cancelled; a plan that had ended for this operation goes on.

    Surgeons and managers only; `why` is required.
    """
    surgery = _active(surgery)
    _only_deciders(surgery.site, by, to="cancel an operation")
    if not why.strip():
        raise ValidationError({"why": "Give the reason for the cancellation in a few words."})
    surgery.cancelled_at, surgery.cancelled_why = now, why.strip()
    surgery.save()
    audit.record("surgery cancelled", of=surgery, by=by, now=now, why=why.strip())
    resumed = further_operation.resume_before(surgery, by=by, now=now)
    return planning.sync_all({surgery.pk, *resumed}, now=now)[surgery.pk]


@transaction.atomic
def change_patient(patient: Patient, *, by: StaffMember, now: datetime, **facts: object) -> Patient:
    """Change name, date of birth, language or time zone; every plan is recomputed, as a zone moves its hours."""
    patient = care.correct(patient, by=by, now=now, **facts)
    planning.sync_all(_running(patient), now=now)
    return patient


def _running(patient: Patient) -> list[int]:
    return list(patient.surgeries.active().values_list("pk", flat=True))


@transaction.atomic
def end_contact(contact: Contact, *, by: StaffMember, now: datetime) -> Contact:
    """End a contact that is not theirs any more. Not an opt-out: waiting messages may go another way at once.

    A question whether a text from there was a refusal ends with it. Idempotent.
    """
    ended = care.end_contact(contact, by=by, now=now)
    care.release_contacts([ended], by=by, now=now)
    reason = Reason.NO_CONTACT if ended.relationship == Relationship.SELF else Reason.REVOKED
    follow_up(end_what_waits(Delivery.objects.filter(contact=ended), reason, now), now=now)
    return ended


@transaction.atomic
def change_site(site: Site, *, by: StaffMember, now: datetime, changed: Iterable[str]) -> None:
    """Record that hours, zone or closed days changed; the next rounds of the scheduler recompute every plan.

    Booked visits keep their hour on the site's clock, also in another zone.
    """
    changed = list(changed)
    site.full_clean()
    site.save()
    if "time_zone" in changed:
        zone_refresh.move_to_zone(site, now=now)
    site_days.follow(site, now=now)
    audit.record("site changed", of=site, by=by, now=now, changed=", ".join(changed))


@transaction.atomic
def renew_link(surgery: Surgery, *, by: StaffMember, now: datetime) -> None:
    """A new address for the patient's page; the old ones are dead at once, and the next messages carry the new one.

    Those of the patient's other operations lead to the same page, and are renewed with it.
    """
    for plan in CarePlan.objects.filter(surgery__patient=surgery.patient_id).order_by("pk"):
        CarePlan.objects.filter(pk=plan.pk).update(link=new_link())
    audit.record("page link renewed", of=surgery, by=by, now=now)


@transaction.atomic
def set_patient_status(patient: Patient, *, status: str, by: StaffMember | None, now: datetime, **details: str) -> None:
    """Set the status. Died or transferred: every plan ends. Active again: every plan is recomputed.

    `details`: for the audit, such as where it was said.
    """
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    care.refuse_merged(patient)
    if status == PatientStatus.MERGED:
        raise ValidationError({"status": "Two patient numbers are merged from the record, after a preview."})
    if status == PatientStatus.ACTIVE:
        calls.settle_what_passed(patient, now=now)
    patient.status = PatientStatus(status)
    patient.save()
    audit.record(f"patient {status}", of=patient, by=by, now=now, site=None, **details)
    if patient.status == PatientStatus.ACTIVE:
        planning.lock(_running(patient))
        call_again(_running(patient))
    not_cancelled = patient.surgeries.filter(cancelled_at=None)  # one whose plan ended may have a booked visit
    planning.sync_all(set(not_cancelled.values_list("pk", flat=True)), now=now)


@transaction.atomic
def skip(reminder: Reminder, *, by: StaffMember, now: datetime, why: str = NO_REASON) -> Reminder:
    """Take one planned message out of one plan; it stays out when the plan is recomputed.

    A notice that corrects a visit's time becomes a row on the call list.
    """
    planning.lock([reminder.surgery_id])  # plans before messages, as planning locks them
    reminder = _locked(reminder)
    if reminder.status != ReminderStatus.PLANNED:
        raise ValidationError(
            f"This message is {reminder.get_status_display().lower()}. Only a planned one can be skipped."
        )
    wish = Wish.skipping(reminder.step_code, reminder.occurrence)
    decide(reminder.surgery, wish, why=why, by=by, now=now)
    reminder.refresh_from_db()
    return reminder


@transaction.atomic
def resend(reminder: Reminder, *, by: StaffMember, now: datetime) -> Reminder:
    """Send a message again that did not arrive, while it is useful. Refused if it arrived or may still arrive."""
    reminder = _locked(reminder)
    if reminder.status not in RESENDABLE:
        raise ValidationError(f"This message is {reminder.get_status_display().lower()} and is not sent again.")
    if reminder.status == ReminderStatus.UNCONFIRMED:
        raise ValidationError(
            "It is not known whether this message arrived. Call the patient instead of sending it twice."
        )
    if reminder.useful_until <= now:
        raise ValidationError("This message is no longer useful. Call the patient instead.")
    reminder.status, reminder.reason = ReminderStatus.PLANNED, Reason.NONE
    reminder.handled_at, reminder.handled_by, reminder.handled_note = None, None, ""  # or a new failure stays unseen
    reminder.save()
    audit.record("message sent again", of=reminder.surgery, by=by, now=now, message=reminder.step.title)
    return reminder


def _only_deciders(site: Site, by: StaffMember, *, to: str) -> None:
    if not by.decides_at(site):
        raise PermissionDenied(f"Only a surgeon or a manager of {site} can {to}. Ask one of them.")


def _locked(reminder: Reminder) -> Reminder:
    rows = Reminder.objects.select_for_update(of=("self",)).select_related("surgery", "step", "site")
    return rows.get(pk=reminder.pk)


def _active(surgery: Surgery) -> Surgery:
    lock_connected([surgery.pk])
    surgery = Surgery.objects.select_for_update(of=("self",)).select_related("site", "patient").get(pk=surgery.pk)
    if not surgery.is_active:
        raise ValidationError(surgery.why_not)
    return surgery
