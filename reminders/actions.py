"""What staff decide about one plan. Each saves, lays the plan out again and writes who did it, in one transaction."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import actions as care
from patients import audit
from patients.closed_days import close_on_holidays
from patients.models import CheckUp, Contact, Patient, Procedure, Site, StaffMember, Surgery
from patients.models.contact import Relationship
from patients.models.patient import PatientStatus
from reminders.delivery.followup.opt_out import end_what_waits
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Delivery, Sender
from reminders.plan import library, planning
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
NOTE_LENGTH = 200
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
    """Another day 0. What was sent stays; what lies in the past now is skipped; booked visits keep their time."""
    wish = Wish(ChangeKind.DATE, to=to.isoformat())
    return decide(surgery, wish, why=why, by=by, now=now).changes


@transaction.atomic
def change_facts(surgery: Surgery, *, by: StaffMember, now: datetime, **facts: object) -> Changes:
    """What shapes a plan, by name: therapy and job at once, the four factors by what they propose."""
    surgery = _active(surgery)
    _only_deciders(surgery.site, by, to="change what shapes a plan")
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
    """End the plan: what was not sent is cancelled. Surgeons and managers only; `why` is required."""
    surgery = _active(surgery)
    _only_deciders(surgery.site, by, to="cancel an operation")
    if not why.strip():
        raise ValidationError({"why": "Say in a few words why the operation is cancelled."})
    surgery.cancelled_at, surgery.cancelled_why = now, why.strip()
    surgery.save()
    audit.record("surgery cancelled", of=surgery, by=by, now=now, why=why.strip())
    return planning.sync(surgery, now=now)


@transaction.atomic
def change_patient(patient: Patient, *, by: StaffMember, now: datetime, **facts: object) -> Patient:
    """Name, date of birth, language or time zone; every plan is laid out again, for another zone moves its hours."""
    patient = care.correct(patient, by=by, now=now, **facts)
    planning.sync_all(_running(patient), now=now)
    return patient


def _running(patient: Patient) -> list[int]:
    return list(patient.surgeries.active().values_list("pk", flat=True))


@transaction.atomic
def end_contact(contact: Contact, *, by: StaffMember, now: datetime) -> Contact:
    """The phone or mailbox is not theirs any more. No refusal: what waits for it may go another way at once.

    A question whether a text from there was a refusal ends with it. Idempotent.
    """
    ended = care.end_contact(contact, by=by, now=now)
    care.release_contacts([ended], by=by, now=now)
    reason = Reason.NO_CONTACT if ended.relationship == Relationship.SELF else Reason.REVOKED
    follow_up(end_what_waits(Delivery.objects.filter(contact=ended), reason, now), now=now)
    return ended


@transaction.atomic
def change_site(site: Site, *, by: StaffMember, now: datetime, changed: Iterable[str]) -> None:
    """Hours, zone or closed days are other ones: the next rounds of the horizon lay every plan out again."""
    site.full_clean()
    site.save()
    plans = CarePlan.objects.active().filter(surgery__site=site)
    planning.hold(plans)
    plans.update(laid_out_until=site.today(now))
    audit.record("site changed", of=site, by=by, now=now, changed=", ".join(changed))


@transaction.atomic
def renew_link(surgery: Surgery, *, by: StaffMember, now: datetime) -> None:
    """A new address for the patient's page; the old one is dead at once, and the next messages carry the new one."""
    CarePlan.objects.filter(surgery=surgery).update(link=new_link())
    audit.record("page link renewed", of=surgery, by=by, now=now)


@transaction.atomic
def set_patient_status(patient: Patient, *, status: str, by: StaffMember | None, now: datetime) -> None:
    """Died or transferred: every plan ends. Active again: every plan is laid out again."""
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    care.refuse_merged(patient)
    if status == PatientStatus.MERGED:
        raise ValidationError({"status": "Two patient numbers are merged from the record, after a preview."})
    patient.status = PatientStatus(status)
    patient.save()
    audit.record(f"patient {status}", of=patient, by=by, now=now)
    planning.sync_all(_running(patient), now=now)


@transaction.atomic
def book_visit(check_up: CheckUp, *, at: datetime, by: StaffMember | None, now: datetime) -> CheckUp:
    """Book or move a visit; its invitations fall silent and its own reminders are laid out."""
    return _synced(care.book(check_up, at=at, by=by, now=now), now)


@transaction.atomic
def confirm_visit(check_up: CheckUp, *, by: StaffMember | None, now: datetime) -> CheckUp:
    """Confirm a booked visit; `by` is None where the patient did."""
    return _synced(care.confirm(check_up, by=by, now=now), now)


@transaction.atomic
def mark_attended(check_up: CheckUp, *, by: StaffMember, now: datetime) -> CheckUp:
    """The patient came to the visit; the messages that lead up to it end."""
    return _synced(care.mark_attended(check_up, by=by, now=now), now)


@transaction.atomic
def mark_missed(check_up: CheckUp, *, by: StaffMember, now: datetime) -> CheckUp:
    """The patient did not come; the plan's messages for a missed visit follow."""
    return _synced(care.mark_missed(check_up, by=by, now=now), now)


@transaction.atomic
def cancel_visit(check_up: CheckUp, *, by: StaffMember | None, now: datetime) -> CheckUp:
    """The visit is not needed; the messages that lead up to it end."""
    return _synced(care.cancel_visit(check_up, by=by, now=now), now)


def _synced(check_up: CheckUp, now: datetime) -> CheckUp:
    planning.sync(check_up.surgery, now=now)
    return check_up


@transaction.atomic
def skip(reminder: Reminder, *, by: StaffMember, now: datetime, why: str = NO_REASON) -> Reminder:
    """Take one planned message out of one plan; it stays out when the plan is laid out again."""
    reminder = _locked(reminder)
    if reminder.status != ReminderStatus.PLANNED:
        raise ValidationError(
            f"This message is {reminder.get_status_display().lower()}. Only a planned one can be skipped."
        )
    wish = Wish(ChangeKind.SKIP, step=reminder.step_code, occurrence=reminder.occurrence)
    decide(reminder.surgery, wish, why=why, by=by, now=now)
    reminder.refresh_from_db()
    return reminder


@transaction.atomic
def resend(reminder: Reminder, *, by: StaffMember, now: datetime) -> Reminder:
    """Try once more what did not arrive, while it is useful. Never what was delivered or may still arrive."""
    reminder = _locked(reminder)
    if reminder.status not in RESENDABLE:
        raise ValidationError(f"This message is {reminder.get_status_display().lower()} and is not sent again.")
    if reminder.status == ReminderStatus.UNCONFIRMED:
        raise ValidationError("Nobody knows whether this message arrived. Call the patient instead of doubling it.")
    if reminder.useful_until <= now:
        raise ValidationError("This message is of no use any more. Call the patient instead.")
    reminder.status, reminder.reason = ReminderStatus.PLANNED, Reason.NONE
    reminder.handled_at, reminder.handled_by, reminder.handled_note = None, None, ""  # or a new failure stays unseen
    reminder.save()
    audit.record("message sent again", of=reminder.surgery, by=by, now=now, message=reminder.step.title)
    return reminder


@transaction.atomic
def mark_called(surgery: Surgery, *, note: str, by: StaffMember, now: datetime) -> int:
    """One call settles every open message of one person. How many; 0: a colleague was quicker, nothing is written."""
    if len(note.strip()) > NOTE_LENGTH:
        raise ValidationError({"note": f"The note is too long: at most {NOTE_LENGTH} characters."})
    waiting = Reminder.objects.to_call().filter(surgery=surgery).order_by("pk").select_for_update(of=("self",))
    settled = Reminder.objects.filter(pk__in=[row.pk for row in waiting]).update(
        handled_at=now, handled_by=by, handled_note=note.strip()
    )
    if settled:
        audit.record("called", of=surgery, by=by, now=now, messages=settled, note=note.strip())
    return settled


def _only_deciders(site: Site, by: StaffMember, *, to: str) -> None:
    if not by.decides_at(site):
        raise PermissionDenied(f"Only a surgeon or a manager of {site} can {to}. Ask one of them.")


def _locked(reminder: Reminder) -> Reminder:
    rows = Reminder.objects.select_for_update(of=("self",)).select_related("surgery", "step", "site")
    return rows.get(pk=reminder.pk)


def _active(surgery: Surgery) -> Surgery:
    surgery = Surgery.objects.select_for_update(of=("self",)).select_related("site", "patient").get(pk=surgery.pk)
    if not surgery.is_active:
        raise ValidationError("This operation was cancelled. Enrol the patient again for a new one.")
    return surgery
