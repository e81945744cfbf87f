"""The whole plan of one surgery on one page: phases with their dates, every reminder, every check-up."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from rest_framework import serializers

from clinic.api.check_ups import CheckUpSerializer
from clinic.api.protocols import Words
from clinic.api.reminders import ReminderSerializer, reminders_of
from patients.models import CheckUp, StaffMember, Surgery
from reminders.plan.models import Phase


class PhaseDatesSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title, do, avoid = Words(), Words(), Words()
    first_day = serializers.IntegerField(help_text="Days after surgery.")
    last_day = serializers.IntegerField(allow_null=True)
    begins = serializers.DateField()
    ends = serializers.DateField(allow_null=True, help_text="Null: the last phase has no end.")


class ScheduleSerializer(serializers.Serializer[Any]):
    surgery = serializers.IntegerField()
    patient = serializers.IntegerField()
    date = serializers.DateField(help_text="The day of surgery, day 0.")
    today = serializers.DateField(help_text="At the site.")
    day_number = serializers.IntegerField(help_text="Of today; below 0 before the operation.")
    time_zone = serializers.CharField(help_text="The patient's clock, by which messages go.")
    protocol_version = serializers.IntegerField()
    laid_out_until = serializers.DateField(help_text="Repeats without end reach this day; extended as time goes on.")
    phases = PhaseDatesSerializer(many=True)
    reminders = ReminderSerializer(many=True)
    check_ups = CheckUpSerializer(many=True)


def schedule_of(surgery: Surgery, *, me: StaffMember, today: date) -> dict[str, Any]:
    plan = surgery.care_plan
    return {
        "surgery": surgery.pk,
        "patient": surgery.patient_id,
        "date": surgery.date,
        "today": today,
        "day_number": surgery.day_number(today),
        "time_zone": str(surgery.patient.zone),
        "protocol_version": plan.version_id,
        "laid_out_until": plan.laid_out_until,
        "phases": phase_dates(plan.version.phases.all(), surgery.date),
        "reminders": reminders_of(me).filter(surgery=surgery),
        "check_ups": CheckUp.objects.for_staff(me).with_patient().filter(surgery=surgery),
    }


def phase_dates(phases: Iterable[Phase], day0: date) -> list[dict[str, Any]]:
    return [
        {name: getattr(phase, name) for name in ("code", "title", "do", "avoid", "first_day", "last_day")}
        | {
            "begins": day0 + timedelta(days=phase.first_day),
            "ends": None if phase.last_day is None else day0 + timedelta(days=phase.last_day),
        }
        for phase in phases
    ]
