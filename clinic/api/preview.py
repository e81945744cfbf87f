"""Preview of the plan of an enrolment, by the same rules and without saving anything."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from clinic.api.enrolments import Enrolment
from clinic.api.proposal_fields import ProposalSerializer
from clinic.api.reminders import local
from clinic.api.schedules import PhaseDatesSerializer, phase_dates
from patients import actions as care
from patients.models import Patient, Surgery
from patients.models.contact import Channel, Relationship
from reminders import enrolment, pace_proposals
from reminders.beside import RunningPlanOutcome
from reminders.delivery.sending.dry_run import DryDelivery
from reminders.enrolment import NewPatient
from reminders.plan.load_protocol import spec_of
from reminders.plan.models.step import NATURES, StepKind
from reminders.plan.phase_calendar import Course
from reminders.plan.reasons import SENTENCES
from reminders.plan.values import WantedVisit
from reminders.preview import Preview, PreviewOutcome, PreviewRow, known_recipients

CALL = "call"
CHANNELS = [*Channel.choices, (CALL, "nobody can be reached: call")]
STATUSES = [("planned", "the plan sends it; see outcome"), ("skipped", "the plan does not send it; see why")]
OUTCOMES = [
    (PreviewOutcome.SENT.value, "at least one message is sent"),
    (PreviewOutcome.CALL.value, "nobody can be reached: reception calls"),
    (PreviewOutcome.LEFT_OUT.value, "nothing is sent, and nobody calls"),
]
LEAVES = "When it is sent, which may be later than when it is due; null: not sent."


class PlannedMessageSerializer(serializers.Serializer[Any]):
    contact = serializers.IntegerField(allow_null=True, help_text="The contact's id; null: not saved yet.")
    relationship = serializers.ChoiceField(choices=Relationship.choices)
    name = serializers.CharField(help_text="The caregiver's name.")
    channel = serializers.ChoiceField(choices=Channel.choices)
    leaves_at = serializers.DateTimeField(allow_null=True, help_text=LEAVES)
    leaves_local = serializers.DateTimeField(allow_null=True, help_text="The same time in the patient's time zone.")
    language = serializers.CharField()
    subject = serializers.CharField(help_text="The subject of an e-mail.")
    text = serializers.CharField(help_text="With a placeholder for the link to the patient's page.")
    why = serializers.CharField(help_text="Why it is not sent; else empty.")


class PlannedReminderSerializer(serializers.Serializer[Any]):
    step = serializers.CharField()
    kind = serializers.ChoiceField(choices=StepKind.choices)
    title = serializers.CharField()
    phase = serializers.CharField()
    occurrence = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    due_local = serializers.DateTimeField(help_text="The same time in the patient's time zone.")
    status = serializers.ChoiceField(choices=STATUSES)
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    why = serializers.CharField(help_text="Why nothing of it is sent; else empty.")
    nature = serializers.ChoiceField(choices=NATURES, help_text="Safety is moved by no pace, hold or phase.")
    moved = serializers.CharField(help_text="Why it is not on the day and time of the protocol; empty: it is.")
    moved_from = serializers.DateField(
        allow_null=True, help_text="The day it would have without the site's limit of messages."
    )
    channel = serializers.ChoiceField(
        choices=CHANNELS, help_text="How the patient, else a caregiver, gets it; for skipped ones: would get it."
    )
    messages = PlannedMessageSerializer(
        many=True, help_text="One for each contact it is meant for; those that are sent come first."
    )


class PlannedCheckUpSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    occurrence = serializers.IntegerField()
    title = serializers.CharField()
    window_opens = serializers.DateField()
    target_day = serializers.DateField()
    window_closes = serializers.DateField()


class RunningPlanSaysSerializer(serializers.Serializer[Any]):
    step = serializers.CharField()
    title = serializers.CharField()
    due_at = serializers.DateTimeField()


class BookedVisitSerializer(serializers.Serializer[Any]):
    check_up = serializers.IntegerField(help_text="Its id.")
    title = serializers.CharField()
    booked_for = serializers.DateTimeField()


class RunningPlanSerializer(serializers.Serializer[Any]):
    surgery = serializers.IntegerField(help_text="The id of the operation.")
    procedure = serializers.CharField()
    date = serializers.DateField()
    becomes = serializers.CharField(
        help_text="end, hold or keep; empty: it is the later operation, and its plan goes on as it is."
    )
    ends = serializers.IntegerField(help_text="How many of its messages are not sent any more.")
    says = RunningPlanSaysSerializer(many=True, help_text="What it still says in the next six weeks.")
    booked = BookedVisitSerializer(many=True, help_text="Visits that stay booked until staff decide otherwise.")


class PreviewSerializer(serializers.Serializer[Any]):
    time_zone = serializers.CharField(help_text="The patient's time zone, by which messages would be sent.")
    protocol_version = serializers.IntegerField()
    laid_out_until = serializers.DateField()
    stays_in_outbox = serializers.BooleanField(help_text="True: nothing is really sent; the outbox shows it.")
    phases = PhaseDatesSerializer(many=True)
    reminders = PlannedReminderSerializer(many=True)
    check_ups = PlannedCheckUpSerializer(many=True)
    running_plans = RunningPlanSerializer(many=True, help_text="Of the same patient, and what becomes of each.")
    proposals = ProposalSerializer(many=True, help_text="What will be proposed for this plan once it is saved.")


def preview(asked: Enrolment, *, now: datetime) -> dict[str, Any]:
    """Preview an enrolment; raises what the enrolment itself would raise."""
    new, patient = asked.surgery, asked.patient
    if isinstance(patient, NewPatient):
        recipients = enrolment.recipients(patient.contacts, patient.language, site=asked.site)
        patient = _unsaved(patient, asked, now)
    else:
        recipients = known_recipients(patient)
    enrolment.check(patient, new, asked.site, now)
    facts = {"physical_therapy": new.physical_therapy, "job": new.job, "surgeon": new.surgeon}
    facts |= {"levels": new.levels, "asa_class": new.asa_class}
    surgery = Surgery(site=asked.site, patient=patient, procedure=new.procedure, date=new.date, **facts)
    shown = Preview(surgery, new.version, recipients, now, running_plan=new.running_plan)
    titles = {check_up.code: str(check_up) for check_up in new.version.check_ups.all()}
    return {
        "time_zone": str(patient.zone),
        "protocol_version": new.version.pk,
        "laid_out_until": shown.laid_out_until,
        "stays_in_outbox": shown.stays_in_outbox,
        "phases": phase_dates(new.version.phases.all(), Course(new.date, spec_of(new.version).phases)),
        "reminders": [_reminder(row, shown) for row in shown.rows],
        "check_ups": [_check_up(visit, titles) for visit in shown.layout.visits],
        "running_plans": [_outcome(one) for one in shown.outcomes],
        "proposals": pace_proposals.expected(surgery, new.version),
    }


def _unsaved(new: NewPatient, asked: Enrolment, now: datetime) -> Patient:
    facts = {name: getattr(new, name) for name in NewPatient.__dataclass_fields__ if name != "contacts"}
    patient = Patient(site=asked.site, created_at=now, **facts)
    patient.full_clean()
    care.refuse_birth_date(patient, asked.site.today(now))
    return patient


def _reminder(row: PreviewRow, shown: Preview) -> dict[str, Any]:
    step, want, zone = row.step, row.want, shown.surgery.patient.zone
    is_silent = row.is_planned and row.outcome != PreviewOutcome.SENT
    return {
        "step": step.code,
        "kind": step.kind,
        "title": step.title_on((want.due_at.astimezone(zone).date() - shown.surgery.date).days),
        "phase": step.phase.code,
        "occurrence": want.occurrence,
        "due_at": want.due_at,
        "due_local": local(want.due_at, zone),
        "status": "planned" if row.is_planned else "skipped",
        "outcome": row.outcome.value,
        "why": SENTENCES[row.why],
        "nature": step.own_nature,
        "moved": row.moved,
        "moved_from": want.moved_from,
        "channel": CALL if is_silent else shown.channel_of(row) or CALL,
        "messages": [_message(one, zone) for one in row.deliveries],
    }


def _message(one: DryDelivery, zone: ZoneInfo) -> dict[str, Any]:
    leaves_at = one.at if one.leaves else None
    return {
        "contact": one.to.contact if one.to.contact > 0 else None,
        "relationship": one.to.standing.relationship,
        "name": one.to.name,
        "channel": one.to.channel,
        "leaves_at": leaves_at,
        "leaves_local": leaves_at and local(leaves_at, zone),
        "language": one.words.language,
        "subject": one.words.subject,
        "text": one.words.text,
        "why": SENTENCES[one.why],
    }


def _outcome(one: RunningPlanOutcome) -> dict[str, Any]:
    return {
        "surgery": one.surgery.pk,
        "procedure": one.surgery.procedure.code,
        "date": one.surgery.date,
        "becomes": one.becomes,
        "ends": one.ends,
        "says": [{"step": want.step, "title": title, "due_at": want.due_at} for want, title in one.says],
        "booked": [{"check_up": row.pk, "title": row.title, "booked_for": row.booked_for} for row in one.booked],
    }


def _check_up(visit: WantedVisit, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": visit.code,
        "occurrence": visit.occurrence,
        "title": titles[visit.code],
        "window_opens": visit.opens,
        "target_day": visit.target,
        "window_closes": visit.closes,
    }
