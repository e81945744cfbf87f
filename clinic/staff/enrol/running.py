"""What becomes of the plans that run already, in words, as the enrolment page shows it before anything is saved."""

from dataclasses import dataclass

from clinic.staff import formats
from reminders.beside import RunningPlanOutcome
from reminders.further_operation import RunningPlan
from reminders.preview import Preview

LATER = (
    "{plan} is the later operation, and its plan goes on as it is. The operation you are entering lies before it: {own}"
)
OWN = {
    RunningPlan.END: "its plan ends on the day of the later one.",
    RunningPlan.HOLD: "its plan is held until a person releases it.",
    RunningPlan.KEEP: "what both would say is said once, by the later one.",
}


@dataclass(frozen=True, slots=True)
class RunningPlanNote:
    """`says`: when, and what, the plan still says; `booked`: visits that stand."""

    text: str
    says: list[tuple[str, str]]
    booked: list[str]


def notes(shown: Preview) -> list[RunningPlanNote]:
    """One for each plan of the same patient that runs."""
    return [_note(one, shown) for one in shown.outcomes]


def _note(one: RunningPlanOutcome, shown: Preview) -> RunningPlanNote:
    zone = shown.surgery.patient.zone
    says = [(formats.moment(want.due_at, zone), title) for want, title in one.says]
    site = one.surgery.site.zone
    booked = [f"{row.title}, {formats.moment(row.booked_for, site)}" for row in one.booked if row.booked_for]
    return RunningPlanNote(_text(one, shown), says, booked)


def _text(one: RunningPlanOutcome, shown: Preview) -> str:
    plan, ends = f"{one.surgery}", formats.count(one.ends, "message")
    match one.becomes:
        case RunningPlan.END:
            today = one.surgery.site.today(shown.now)
            when = f"on {formats.day(shown.surgery.date)}" if shown.surgery.date > today else "now"
            return f"{plan}: the plan ends {when}, and {ends} of it will not be sent."
        case RunningPlan.HOLD:
            return f"{plan}: the plan is held from today until a person releases it. {ends} of it will not be sent now."
        case RunningPlan.KEEP:
            return (
                f"{plan}: the plan goes on. {ends} of it will not be sent: "
                "the new plan says the same, or the daily or weekly limit is reached."
            )
    return LATER.format(plan=plan, own=OWN[RunningPlan(shown.running_plan)]) if shown.running_plan else plan
