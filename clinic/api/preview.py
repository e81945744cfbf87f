"""The plan that would follow an enrolment, by the same rules and without writing anything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rest_framework import serializers

from clinic.api.enrolments import Enrolment
from clinic.api.reminders import local
from clinic.api.schedules import PhaseDatesSerializer, phase_dates
from patients import actions as care
from patients.models import Contact, Patient
from patients.models.contact import Channel, Relationship
from reminders import enrolment
from reminders.enrolment import NewContact, NewPatient
from reminders.plan.facts import Sketch, horizon, sketch
from reminders.plan.load_protocol import spec_of
from reminders.plan.models import Step
from reminders.plan.models.step import StepKind
from reminders.plan.phase_calendar import Course
from reminders.plan.reasons import SENTENCES, Reason
from reminders.plan.row_diff import is_past
from reminders.plan.schedule import lay_out
from reminders.plan.values import Wanted, WantedVisit, why_moved

CALL = "call"
CHANNELS = [*Channel.choices, (CALL, "nobody agreed to be written to: call")]
STATUSES = [("planned", "will be sent"), ("skipped", "will not be sent; see why")]


class PlannedReminderSerializer(serializers.Serializer[Any]):
    step = serializers.CharField()
    kind = serializers.ChoiceField(choices=StepKind.choices)
    title = serializers.CharField()
    phase = serializers.CharField()
    occurrence = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    due_local = serializers.DateTimeField(help_text="The same moment on the patient's clock.")
    status = serializers.ChoiceField(choices=STATUSES)
    why = serializers.CharField(help_text="Why it will not be sent, or must be said by phone; else empty.")
    moved = serializers.CharField(help_text="Why it does not lie where the protocol put it; empty: it does.")
    moved_from = serializers.DateField(
        allow_null=True, help_text="The day it would lie on without the site's limit of messages."
    )
    channel = serializers.ChoiceField(choices=CHANNELS)


class PlannedCheckUpSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    occurrence = serializers.IntegerField()
    title = serializers.CharField()
    window_opens = serializers.DateField()
    target_day = serializers.DateField()
    window_closes = serializers.DateField()


class PreviewSerializer(serializers.Serializer[Any]):
    time_zone = serializers.CharField(help_text="The patient's clock, by which messages would go.")
    protocol_version = serializers.IntegerField()
    laid_out_until = serializers.DateField()
    phases = PhaseDatesSerializer(many=True)
    reminders = PlannedReminderSerializer(many=True)
    check_ups = PlannedCheckUpSerializer(many=True)


def preview(asked: Enrolment, *, now: datetime) -> dict[str, Any]:
    """Raises what the enrolment itself would raise."""
    patient, told = _patient(asked, now)
    enrolment.check(patient, asked.surgery, asked.site, now)
    new, until = asked.surgery, horizon(asked.site, now)
    facts = Sketch(
        site=asked.site,
        patient=patient,
        day0=new.date,
        enrolled_on=asked.site.today(now),
        physical_therapy=new.physical_therapy,
        job=new.job,
        channels=told.own,
    )
    spec = spec_of(new.version)
    layout = lay_out(spec, sketch(facts, until=until))
    steps = {step.code: step for step in new.version.steps.select_related("phase")}
    titles = {check_up.code: str(check_up) for check_up in new.version.check_ups.all()}
    return {
        "time_zone": str(patient.zone),
        "protocol_version": new.version.pk,
        "laid_out_until": until,
        "phases": phase_dates(new.version.phases.all(), Course(new.date, spec.phases)),
        "reminders": [_reminder(want, steps[want.step], patient, told, now) for want in layout.reminders],
        "check_ups": [_check_up(visit, titles) for visit in layout.visits],
    }


@dataclass(frozen=True, slots=True)
class TellableChannels:
    """Channels with consent: the patient's own, by which a plan's limits count, and everybody's."""

    own: frozenset[str]
    all: frozenset[str]

    @classmethod
    def by(cls, agreed: Iterable[Contact | NewContact]) -> "TellableChannels":
        found = [(contact.relationship, Channel.SMS if contact.phone else Channel.EMAIL) for contact in agreed]
        own = frozenset(channel.value for relationship, channel in found if relationship == Relationship.SELF)
        return cls(own, frozenset(channel.value for _, channel in found))


def _patient(asked: Enrolment, now: datetime) -> tuple[Patient, TellableChannels]:
    """The patient, saved or not, and the channels by which somebody is told."""
    if isinstance(asked.patient, Patient):
        reachable = Contact.objects.for_site(asked.site).reachable().filter(patient=asked.patient)
        return asked.patient, TellableChannels.by(reachable)
    patient = _unsaved(asked.patient, asked, now)
    return patient, TellableChannels.by(contact for contact in asked.patient.contacts if contact.consent_wording)


def _unsaved(new: NewPatient, asked: Enrolment, now: datetime) -> Patient:
    facts = {name: getattr(new, name) for name in NewPatient.__dataclass_fields__ if name != "contacts"}
    patient = Patient(site=asked.site, created_at=now, **facts)
    patient.full_clean()
    care.refuse_birth_date(patient, asked.site.today(now))
    return patient


def _reminder(want: Wanted, step: Step, patient: Patient, told: TellableChannels, now: datetime) -> dict[str, Any]:
    held = want.held or (Reason.PAST if is_past(want, patient.zone, now) else Reason.NONE)
    channel = want.channel or next((channel for channel in step.channels if channel in told.all), "")
    why = held or (Reason.NONE if channel else Reason.NO_CONSENT)
    return {
        "step": step.code,
        "kind": step.kind,
        "title": step.title,
        "phase": step.phase.code,
        "occurrence": want.occurrence,
        "due_at": want.due_at,
        "due_local": local(want.due_at, patient.zone),
        "status": "skipped" if held else "planned",
        "why": SENTENCES[why],
        "moved": why_moved(want.shifts, want.moved_from),
        "moved_from": want.moved_from,
        "channel": channel or CALL,
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
