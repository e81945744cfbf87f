"""The whole plan of one surgery on one page: phases with their dates, every reminder, every check-up."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from rest_framework import serializers

from clinic.api.check_ups import CheckUpSerializer
from clinic.api.protocols import WordsField
from clinic.api.reminders import ReminderSerializer, reminders_of
from patients.models import CheckUp, StaffMember, Surgery
from reminders.plan.facts import course_of
from reminders.plan.models import Phase, PlanChange
from reminders.plan.phase_calendar import Course
from reminders.plan.values import ChangeKind

HELD = "Not null: the plan is held from this day on, and its dates are as if it were released tomorrow."


class PhaseDatesSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title, do, avoid = WordsField(), WordsField(), WordsField()
    first_day = serializers.IntegerField(help_text="Days after surgery, by the protocol.")
    last_day = serializers.IntegerField(allow_null=True)
    begins = serializers.DateField(help_text="For this patient, with all decisions about the plan.")
    ends = serializers.DateField(allow_null=True, help_text="Null: the last phase has no end.")


class ScheduleSerializer(serializers.Serializer[Any]):
    surgery = serializers.IntegerField()
    patient = serializers.IntegerField()
    date = serializers.DateField(help_text="The day of surgery, day 0.")
    today = serializers.DateField(help_text="Today's date at the site.")
    day_number = serializers.IntegerField(help_text="Today as a day number; below 0 before the operation.")
    time_zone = serializers.CharField(help_text="The patient's time zone, by which messages are sent.")
    phase = serializers.CharField(help_text="The code of today's phase; empty before the operation.")
    held_since = serializers.DateField(allow_null=True, help_text=HELD)
    protocol_version = serializers.IntegerField()
    revision = serializers.IntegerField(help_text="Goes up with each decision; send it back when you decide.")
    laid_out_until = serializers.DateField(
        help_text="Endless repeats are planned up to this day; extended as time goes on."
    )
    phases = PhaseDatesSerializer(many=True)
    reminders = ReminderSerializer(many=True)
    check_ups = CheckUpSerializer(many=True)


def schedule_of(surgery: Surgery, *, me: StaffMember, today: date) -> dict[str, Any]:
    """The whole plan of one surgery. `today`: the site's day. Dates of a held plan are as if it went on tomorrow."""
    plan = surgery.care_plan
    course = course_of(surgery, plan.version).seen_on(today)
    return {
        "surgery": surgery.pk,
        "patient": surgery.patient_id,
        "date": surgery.date,
        "today": today,
        "day_number": surgery.day_number(today),
        "time_zone": str(surgery.patient.zone),
        "phase": course.phase_on(today),
        "held_since": held_since(surgery),
        "protocol_version": plan.version_id,
        "revision": plan.revision,
        "laid_out_until": plan.laid_out_until,
        "phases": phase_dates(plan.version.phases.all(), course),
        "reminders": reminders_of(me).filter(surgery=surgery),
        "check_ups": CheckUp.objects.for_staff(me).with_patient().filter(surgery=surgery),
    }


def held_since(surgery: Surgery) -> date | None:
    """The first day of the hold that is in force; None while the plan runs."""
    open_hold = PlanChange.objects.filter(surgery=surgery, kind=ChangeKind.HOLD, ends=None).in_force().first()
    return open_hold.starts if open_hold else None


def phase_dates(phases: Iterable[Phase], course: Course) -> list[dict[str, Any]]:
    """Each phase with the days it has for this patient; `ends` is None for a phase without end."""
    return [
        {name: getattr(phase, name) for name in ("code", "title", "do", "avoid", "first_day", "last_day")}
        | {"begins": course.begins(phase.code), "ends": course.ends(phase.code)}
        for phase in phases
    ]
