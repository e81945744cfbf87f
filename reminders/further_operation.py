"""A patient with a running plan has a further operation: what becomes of the plan, and which operation follows which.

The operation of the later day goes on, in whatever order they are written down: so a file of past operations and a
re-operation end the same way. docs/adr/0036-a-further-operation.md.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, TextChoices

from patients import audit
from patients.models import Patient, StaffMember, Surgery
from patients.models.surgery import ENDED
from reminders.plan import decisions, planning
from reminders.plan.checkups import call_again
from reminders.plan.models import CarePlan, PlanChange
from reminders.plan.values import ChangeKind


class RunningPlan(TextChoices):
    """What becomes of a plan that runs when the patient is enrolled for another operation."""

    END = "end", "end it: from the day of the later operation only the later plan sends messages"
    HOLD = "hold", "hold it until a person releases it"
    KEEP = "keep", "keep both: what both plans would say is sent once"


COLUMNS = ["followed_by", "ended_at", "ends_with_next"]
ASK = "This patient has a plan that runs already. Say what becomes of it: end, hold or keep."


class PlanRuns(ValidationError):
    """Nobody said what becomes of the running plans. `plans`: these, the earliest operation first."""

    def __init__(self, plans: Sequence[Surgery]) -> None:
        super().__init__({"running_plan": ASK})
        self.plans = plans


def running(patient: Patient) -> list[Surgery]:
    """Operations of this patient whose plans run, the earliest first; none of a patient who is not saved."""
    if not patient.pk:
        return []
    return list(patient.surgeries.active().select_related("procedure", "site", "patient").order_by("date", "pk"))


def locked_running(patient: Patient) -> list[Surgery]:
    """The same, locked: of two enrolments at one moment the second sees the first one's plan."""
    list(Patient.objects.select_for_update(no_key=True).filter(pk=patient.pk).values("pk"))
    planning.lock([one.pk for one in running(patient)])
    return running(patient)


def refuse_without_choice(plans: Sequence[Surgery], choice: str) -> None:
    """Raises PlanRuns where a plan runs and nobody said what becomes of it; ValidationError for another word."""
    if choice and choice not in RunningPlan.values:
        raise ValidationError({"running_plan": f"Choose one of: {', '.join(RunningPlan.values)}."})
    if plans and not choice:
        raise PlanRuns(plans)


def gives_way(plans: Iterable[Surgery], new: Surgery) -> list[Surgery]:
    """Those the choice is about: each whose day lies before that of another; `new` too, if it is no longer the last."""
    plans = list(plans)
    earlier = [one for one in plans if one.date < new.date]
    return [*earlier, new] if any(one.date > new.date for one in plans) else earlier


def follow(new: Surgery, plans: Sequence[Surgery], choice: str, *, by: StaffMember, now: datetime) -> list[int]:
    """Make the records name each other and do what was chosen. Lays nothing out; the keys of the plans to lay out.

    Call it with `plans`, those that run, locked.
    """
    changed = gives_way(plans, new)
    for one in changed:
        _name(one, _next(one, [*plans, new]))
        if choice == RunningPlan.END:
            end(one, by=by, now=now)
        elif choice == RunningPlan.HOLD:
            hold(one, by=by, now=now)
        else:
            audit.record("plan kept beside another", of=one, by=by, now=now, followed_by=f"{one.followed_by}")
        one.save(update_fields=COLUMNS)
    return [one.pk for one in changed]


def end(one: Surgery, *, by: StaffMember | None, now: datetime) -> None:
    """At once; or, where the next operation is still to come, on its day: until then nobody else speaks."""
    following = one.followed_by
    is_over = following is not None and following.date <= one.site.today(now)
    one.ended_at, one.ends_with_next = (now, False) if is_over else (None, True)
    verb = "plan ended" if is_over else "plan ends with the next operation"
    audit.record(verb, of=one, by=by, now=now, followed_by=f"{following}")


@transaction.atomic
def end_what_is_followed(now: datetime) -> int:
    """Ends the plans whose next operation takes place today. How many."""
    tomorrow = now.date() + timedelta(days=2)  # anywhere
    waiting = Surgery.objects.active().filter(ends_with_next=True, followed_by__date__lt=tomorrow)
    keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    due = [one for one in planning.lock(keys) if one.is_active and one.ends_on and one.ends_on <= one.site.today(now)]
    for one in due:
        end(one, by=None, now=now)
        one.save(update_fields=COLUMNS)
    if due:
        planning.sync_all([one.pk for one in due], now=now)
    return len(due)


def _next(one: Surgery, plans: Sequence[Surgery]) -> Surgery:
    return min((other for other in plans if other.date > one.date), key=lambda other: other.date)


def _name(one: Surgery, following: Surgery) -> None:
    known = one.followed_by
    if known is None or not known.is_active or known.date > following.date:
        one.followed_by = following


def held_from(one: Surgery, today: date) -> date | None:
    """From which day it can be held: today, once it is operated, after what it is held for. None: it stands still."""
    starts = max(today, one.date)
    for hold in PlanChange.objects.filter(surgery=one, kind=ChangeKind.HOLD).in_force().order_by("starts"):
        if hold.ends is None:
            return None
        if hold.starts <= starts < hold.ends:
            starts = hold.ends
    return starts


def hold(one: Surgery, *, by: StaffMember, now: datetime) -> None:
    """As a hold that a surgeon decides; whoever enrols may, as the enrolment decides it. One that stands is enough."""
    today = one.site.today(now)
    starts = held_from(one, today)
    if starts is None:
        return
    why = f"Followed by {one.followed_by}"[:200]
    change = PlanChange(site=one.site, surgery=one, kind=ChangeKind.HOLD, starts=starts, why=why, by=by, at=now)
    try:
        decisions.refuse(change, one, one.care_plan, today=today)
    except ValidationError as error:
        raise ValidationError({"running_plan": error.messages}) from None
    change.save()
    CarePlan.objects.filter(surgery=one).update(revision=F("revision") + 1)
    audit.record("plan held", of=one, by=by, now=now, decided=decisions.details(change))


def resume_before(cancelled: Surgery, *, by: StaffMember, now: datetime) -> list[int]:
    """The operation does not take place: what ended for it goes on, to the day of another one that follows. Their keys.

    What was cancelled when it ended is called for again. Of two operations of one day, which only a merge brings
    together, the one that was enrolled first goes on.
    """
    following = cancelled.followed_by if cancelled.followed_by and cancelled.followed_by.is_active else None
    is_ahead = following is not None and following.date > cancelled.site.today(now)
    earlier = list(Surgery.objects.filter(followed_by=cancelled).order_by("pk"))
    ended = [one for one in earlier if one.state == ENDED and (following is None or is_ahead)]
    ended = _one_a_day(ended, cancelled.patient)
    for one in ended:
        one.ended_at, one.ends_with_next = None, True
        audit.record("plan goes on", of=one, by=by, now=now, because=f"{cancelled} was cancelled")
    for one in earlier:
        one.followed_by, one.ends_with_next = following, one.ends_with_next and following is not None
        one.save(update_fields=COLUMNS)
    call_again([one.pk for one in ended])
    return [one.pk for one in earlier]


def _one_a_day(ended: Iterable[Surgery], patient: Patient) -> list[Surgery]:
    """Without those of a day on which another plan runs, or comes to run."""
    days = {one.date for one in running(patient)}
    found = []
    for one in ended:
        if one.date not in days:
            found.append(one)
            days.add(one.date)
    return found
