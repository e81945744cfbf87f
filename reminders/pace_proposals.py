"""What the four factors propose for one plan right now; a surgeon accepts or declines with one click, and it is kept.

Nothing is written before somebody decides: what is proposed is worked out from the facts whenever the record is opened.
What was decided is not proposed again while its reasons stay the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from patients import audit
from patients.locks import lock_patients
from patients.models import StaffMember, Surgery
from patients.models.checkup import CheckUpState
from patients.models.patient import BmiBand
from patients.models.surgery import Family
from patients.models.therapy import SessionState
from patients.shared_contacts import lock_connected
from reminders import plan_changes
from reminders.plan import library, pace
from reminders.plan.facts import course_of
from reminders.plan.models import PaceProposal, PaceRule, PlanChange, ProtocolVersion, Reminder
from reminders.plan.models.pace import ProposalState
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.pace import Person, Proposal, ProposalRule
from reminders.plan.values import ChangeKind, Comparison, Factor, Proposes
from reminders.plan_changes import Decided, Wish
from reminders.replies.alerts import raising
from reminders.replies.models import Reply
from reminders.replies.models.alert import Level

A_DAY = timedelta(days=1)
EXTRA_FOR = timedelta(weeks=4)  # extra check-ins; a surgeon who wants more adds more
FUSIONS = (Family.FUSION, Family.SI_FUSION)
LOWEST = {
    BmiBand.UNDER: 0.0, BmiBand.NORMAL: 18.5, BmiBand.OVER: 25.0, BmiBand.OBESE_1: 30.0, BmiBand.OBESE_2: 35.0,
    BmiBand.OBESE_3: 40.0,
}  # fmt: skip


def offered(surgery: Surgery, *, now: datetime) -> list[Proposal]:
    """The proposals for one plan; none for a plan that has ended."""
    if not surgery.is_active or surgery.patient.status != "active":
        return []
    return proposed(surgery, now=now)


def proposed(surgery: Surgery, *, now: datetime) -> list[Proposal]:
    """The proposals that nobody has decided about, with their reasons."""
    found = pace.proposals(_rules(surgery), facts_of(surgery, now=now))
    rows = PaceProposal.objects.filter(surgery=surgery).values_list("proposes", "amount", "reasons")
    decided = {(what, amount, tuple(reasons)) for what, amount, reasons in rows}
    open_ones = [one for one in found if (one.proposes, one.amount, one.reasons) not in decided]
    return [one for one in open_ones if one.proposes == Proposes.CALL or _wish(surgery, one, now)]


def expected(surgery: Surgery, version: ProtocolVersion, *, with_age: bool = True) -> list[Proposal]:
    """What the record will propose once this is saved. Patient and surgery may be unsaved."""
    facts = dict(_known_at_enrolment(surgery)) | ({} if with_age else {"age": None})
    found = pace.proposals(_rules(surgery), facts)
    asks = version.steps.addable().filter(kind="check_in").exists()
    return [one for one in found if one.proposes != Proposes.CHECK_INS or asks]


def _known_at_enrolment(surgery: Surgery) -> Person:
    """None: not recorded. Age is that on the day of surgery."""
    patient = surgery.patient
    return {
        "levels": surgery.levels,
        "fusion": "yes" if surgery.procedure.family in FUSIONS else "no",
        "asa_class": surgery.asa_class,
        "conditions": frozenset(patient.conditions),
        "bmi": LOWEST.get(BmiBand(patient.bmi_band)) if patient.bmi_band else None,
        "age": patient.age(surgery.date),
    }


def facts_of(surgery: Surgery, *, now: datetime) -> Person:
    """What was recorded at the enrolment, and what became of the plan since."""
    today = surgery.site.today(now)
    visits = surgery.check_ups.all()
    kept = [visit for visit in visits if visit.state == CheckUpState.ATTENDED and visit.booked_for]
    return {
        **_known_at_enrolment(surgery),
        "sessions_missed": surgery.therapy_sessions.filter(state=SessionState.MISSED).count(),
        "check_ins_unanswered": unanswered(surgery, now=now),
        "visits_missed": sum(visit.state == CheckUpState.MISSED for visit in visits),
        "visits_attended_today": sum(
            visit.booked_for.astimezone(surgery.site.zone).date() == today for visit in kept if visit.booked_for
        ),
    }


def unanswered(surgery: Surgery, *, now: datetime) -> int:
    """Check-ins that arrived and found no answer in a day, counted back from the latest one."""
    asked = Reminder.objects.filter(surgery=surgery, step__kind="check_in", status=ReminderStatus.DONE)
    answered = set(Reply.objects.filter(question__surgery=surgery).values_list("question", flat=True))
    silent = 0
    for reminder in asked.filter(due_at__lt=now - timedelta(days=1)).order_by("-due_at"):
        if reminder.pk in answered or _answered_on_the_page(reminder):
            break
        silent += 1
    return silent


def _answered_on_the_page(reminder: Reminder) -> bool:
    check_in = getattr(reminder, "check_in", None)
    return bool(check_in and check_in.answered_at)


@dataclass(frozen=True, slots=True)
class AcceptedProposal:
    """`decided`: what it does to the plan; None for a call, which leaves the plan as it is."""

    proposal: Proposal
    kept: PaceProposal
    decided: Decided | None


@transaction.atomic
def carry_out(
    surgery: Surgery,
    what: str,
    *,
    reasons: Iterable[str],
    by: StaffMember,
    now: datetime,
    revision: int | None = None,
) -> AcceptedProposal:
    """Does what was proposed; inside `plan_changes.rehearse` it is only looked at.

    `reasons`: those that were shown; where they are others now, nothing is done. Raises PlanMovedOn where `revision` is
    older than the plan.
    """
    proposal = _shown(surgery, what, reasons, by=by, now=now)
    decided = _carry_out(surgery, proposal, by=by, now=now, revision=revision)
    change = decided.change if decided else None
    kept = _keep(surgery, proposal, ProposalState.ACCEPTED, change, by=by, now=now)
    return AcceptedProposal(proposal, kept, decided)


def accept(surgery: Surgery, what: str, *, reasons: Iterable[str], by: StaffMember, now: datetime) -> PaceProposal:
    """The same, at whatever revision the plan is."""
    return carry_out(surgery, what, reasons=reasons, by=by, now=now).kept


@transaction.atomic
def decline(surgery: Surgery, what: str, *, reasons: Iterable[str], by: StaffMember, now: datetime) -> PaceProposal:
    """Decline a proposal: it is not proposed again while its reasons stay the same."""
    proposal = _shown(surgery, what, reasons, by=by, now=now)
    return _keep(surgery, proposal, ProposalState.DECLINED, None, by=by, now=now)


def _shown(surgery: Surgery, what: str, reasons: Iterable[str], *, by: StaffMember, now: datetime) -> Proposal:
    if not by.decides_at(surgery.site):
        raise PermissionDenied(f"Only a surgeon or a manager of {surgery.site} can decide that. Ask one of them.")
    lock_patients([surgery.patient_id])  # before the plans: a proposed call raises an alert
    lock_connected([surgery.pk])  # also the plans that a decision lays out again
    open_ones = {one.proposes: one for one in proposed(surgery, now=now)}
    found = open_ones.get(Proposes(what)) if what in Proposes._value2member_map_ else None
    if found is None or found.reasons != tuple(reasons):
        raise ValidationError("This is no longer proposed: the facts changed, or a colleague decided. Look again.")
    return found


def _carry_out(
    surgery: Surgery, proposal: Proposal, *, by: StaffMember, now: datetime, revision: int | None
) -> Decided | None:
    if wish := _wish(surgery, proposal, now):
        return plan_changes.decide(surgery, wish, why=proposal.in_words[:200], by=by, now=now, revision=revision)
    raising.raise_alert(site=surgery.site, surgery=surgery, level=Level.R, signs=["proposed_call"], now=now)
    return None


def _wish(surgery: Surgery, proposal: Proposal, now: datetime) -> Wish | None:
    """What it decides about the plan; a call decides nothing there."""
    match proposal.proposes:
        case Proposes.PACE:
            return Wish(ChangeKind.PACE, percent=proposal.amount or 100)
        case Proposes.NEXT_PHASE if coming := _next_phase(surgery, now):
            return Wish(ChangeKind.SHIFT, phase=coming[0], days=-coming[1])
        case Proposes.CHECK_INS if step := _check_in(surgery):
            first = max(surgery.site.today(now), surgery.date) + A_DAY
            return Wish(ChangeKind.ADD, first, first + EXTRA_FOR, step=step, days=proposal.amount or 0)
        case Proposes.NUDGE if step := _left_open(surgery, now):
            return Wish(ChangeKind.ADD, surgery.site.today(now) + A_DAY, step=step)
    return None


def _check_in(surgery: Surgery) -> str:
    """The protocol's first one: its words fit any day."""
    steps = surgery.care_plan.version.steps.addable().filter(kind="check_in")
    return steps.order_by("offset_days", "code").values_list("code", flat=True).first() or ""


def _left_open(surgery: Surgery, now: datetime) -> str:
    """What a nudge says once more: the latest check-in, where it is unanswered; else how physical therapy begins.

    Nothing where the plan does so by itself within two days.
    """
    kind = "check_in" if unanswered(surgery, now=now) else "start_pt"
    steps = surgery.care_plan.version.steps.addable().filter(kind=kind)
    rows = Reminder.objects.filter(surgery=surgery, step_code__in=steps.values("code"))
    if rows.filter(status=ReminderStatus.PLANNED, due_at__range=(now, now + 2 * A_DAY)).exists():
        return ""
    said = rows.filter(status=ReminderStatus.DONE, due_at__lt=now)
    return said.order_by("-due_at").values_list("step_code", flat=True).first() or ""


def _next_phase(surgery: Surgery, now: datetime) -> tuple[str, int] | None:
    """The phase that comes next and how many days it can be put forward, so that it begins tomorrow."""
    course, tomorrow = course_of(surgery, surgery.care_plan.version), surgery.site.today(now) + timedelta(days=1)
    for leg in course.legs:
        begins = course.begins(leg.span.code)
        if begins and begins > tomorrow:
            return leg.span.code, (begins - tomorrow).days
    return None


def _keep(
    surgery: Surgery, proposal: Proposal, state: str, change: PlanChange | None, *, by: StaffMember, now: datetime
) -> PaceProposal:
    row = PaceProposal.objects.create(
        site=surgery.site,
        surgery=surgery,
        proposes=proposal.proposes,
        amount=proposal.amount,
        reasons=list(proposal.reasons),
        state=state,
        made_at=now,
        decided_at=now,
        decided_by=by,
        change=change,
    )
    audit.record(f"proposal {state}", of=surgery, by=by, now=now, proposal=proposal.proposes, reasons=proposal.in_words)
    return row


def _rules(surgery: Surgery) -> list[ProposalRule]:
    own = PaceRule.objects.for_site(surgery.site)
    rows = list(own)
    if not rows:
        return list(library.pace_rules())
    return [rule_of(row) for row in rows if row.is_active]


def rule_of(row: PaceRule) -> ProposalRule:
    """The table's row as the plain value that `plan.pace` works on."""
    return ProposalRule(
        code=row.code,
        factor=Factor(row.factor),
        fact=row.fact,
        test=Comparison(row.test),
        value=row.value,
        proposes=Proposes(row.proposes),
        amount=row.amount,
        words=row.words,
    )
