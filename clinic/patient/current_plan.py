"""Which plan a patient's page shows: each of their links, of whichever operation, leads to one page."""

from datetime import datetime

from patients.models.patient import PatientStatus
from reminders.plan.models import CarePlan

RELATED = ["version", "surgery__site", "surgery__patient__site", "surgery__surgeon"]


def current_plan(plan: CarePlan, now: datetime) -> CarePlan:
    """Of the plans that run the one of the latest operation that took place, else of the next one; else `plan` itself.

    Its phase and its restrictions count where two plans run: those of the later operation.
    """
    if plan.surgery.patient.status != PatientStatus.ACTIVE:
        return plan
    running = running_plans(plan)
    today = plan.surgery.site.today(now)
    begun = [one for one in running if one.surgery.date <= today]
    return begun[-1] if begun else running[0] if running else plan


def running_plans(plan: CarePlan) -> list[CarePlan]:
    """All of this patient, the earliest operation first."""
    found = CarePlan.objects.active().filter(surgery__patient=plan.surgery.patient_id)
    return list(found.select_related(*RELATED).order_by("surgery__date", "pk"))


def days_of_others(plan: CarePlan, now: datetime) -> list[tuple[CarePlan, int]]:
    """Other operations of this patient whose plans run, and their day."""
    today = plan.surgery.site.today(now)
    return [(one, one.surgery.day_number(today)) for one in running_plans(plan) if one.pk != plan.pk]
