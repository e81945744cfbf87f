"""The plan as plain values: what a protocol says, the facts of one surgery, what is wanted. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from reminders.plan.reasons import Reason
from reminders.plan.shifts import Shift


class Anchor(StrEnum):
    SURGERY = "surgery"
    PHASE_START = "phase_start"
    PHASE_END = "phase_end"
    CHECK_UP_WINDOW = "check_up_window"
    VISIT = "visit"


class Condition(StrEnum):
    ALWAYS = "always"
    PT_ORDERED_EARLY = "pt_ordered_early"
    PT_ORDERED = "pt_ordered"
    PT_NOT_DECLINED = "pt_not_declined"
    JOB_DESK = "job_desk"
    JOB_PHYSICAL = "job_physical"
    JOB_UNKNOWN = "job_unknown"


class Nature(StrEnum):
    """Safety stays on the calendar; activity moves with the pace, holds and phases of one plan. See `plan.nature`."""

    SAFETY = "safety"
    ACTIVITY = "activity"


class ChangeKind(StrEnum):
    """What may be decided about one plan; see `Decision`."""

    HOLD = "hold"
    SHIFT = "shift"
    PACE = "pace"
    SKIP = "skip"
    DELAY = "delay"
    REPLACE = "replace"
    ADD = "add"
    ORDER_PT = "order_pt"
    DATE = "date"
    VERSION = "version"
    CHECK_UP = "check_up"


class Factor(StrEnum):
    """The four factors of PROTOCOLS §2."""

    TYPE_OF_SURGERY = "type_of_surgery"
    OVERALL_HEALTH = "overall_health"
    AGE = "age"
    POST_OP_CARE = "post_op_care"


class Comparison(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    IS = "is"
    INCLUDES = "includes"


class Proposes(StrEnum):
    PACE = "pace"
    CHECK_INS = "check_ins"
    CALL = "call"
    NUDGE = "nudge"
    NEXT_PHASE = "next_phase"


class LateRule(StrEnum):
    """What becomes of a message that could not leave when it was due."""

    UNTIL = "until"  # sent while it is useful
    SKIP = "skip"  # left out once its own day is over
    NEXT = "next"  # left out as soon as a later message of the same kind is due too


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one plan. `starts` is the site's day from which it counts.

    hold: from `starts` until `ends` (exclusive; None: it stands) the clock stops · shift: `phase` begins `days` later ·
    pace: phases that begin after `starts` last `percent` of the protocol's days; these three move what is of the nature
    activity, never what is safety · skip: `step` is left out, or
    of the notices about `check_up` the one of the kind `to` ·
    delay: `step` comes `days` later · replace: in place of `step` the words of step `to` ·
    add: `step` is said on `starts` as well, and where `days` is given again every so many until `ends`, that day too ·
    order_pt: the first word about starting physical therapy comes on `starts`, none before ·
    check_up: the window of `check_up` lies `days` later, whatever its nature, and so do the messages before it.
    """

    kind: ChangeKind
    starts: date
    ends: date | None = None
    phase: str = ""
    step: str = ""
    occurrence: int | None = None  # of the step or the check-up; None: every one
    days: int = 0
    percent: int = 100
    to: str = ""
    check_up: str = ""


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """Days after surgery, both inclusive; the last phase has no last day."""

    code: str
    first_day: int
    last_day: int | None


@dataclass(frozen=True, slots=True)
class VisitSpec:
    """A check-up the protocol calls for. `repeat_days`: again and again, over the rolling horizon."""

    code: str
    first_day: int
    target_day: int
    last_day: int
    repeat_days: int | None = None
    nature: Nature = Nature.SAFETY


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One thing to say. `check_up` with any anchor but `visit`: silent once that visit is settled."""

    code: str
    anchor: Anchor
    offset_days: int
    at: time
    phase: str = ""
    check_up: str = ""
    channels: tuple[str, ...] = ("sms", "email")
    condition: Condition = Condition.ALWAYS
    repeat_days: int | None = None
    repeat_count: int | None = 1
    useful_days: int = 1
    staffed_days_only: bool = False
    kind: str = ""
    warning: bool = False
    about_a_visit: bool = False
    late_rule: LateRule = LateRule.UNTIL
    nature: Nature = Nature.ACTIVITY


@dataclass(frozen=True, slots=True)
class ProtocolSpec:
    phases: tuple[PhaseSpan, ...]
    visits: tuple[VisitSpec, ...]
    steps: tuple[StepSpec, ...]


@dataclass(frozen=True, slots=True)
class TimeChange:
    """A visit got another time, or none (`starts` is None). Numbered from 1; 0: as it was before changes were kept."""

    number: int
    at: datetime
    starts: datetime | None


@dataclass(frozen=True, slots=True)
class ToldTime:
    """A message may have told the time of this change. `notice`: which word it was; "" for a visit reminder."""

    number: int
    notice: str = ""


@dataclass(frozen=True, slots=True)
class VisitFact:
    """What is known of one check-up. `state` as in patients.CheckUpState; `booked_for` in any zone, aware.

    `changes`: of its time, in order; `told`: of which of them the patient may know; `unheard`: a message told the time
    that stands, before it stood again, and is not known to have arrived.
    """

    code: str
    occurrence: int
    state: str
    booked_for: datetime | None
    bookings: int
    changes: tuple[TimeChange, ...] = ()
    told: tuple[ToldTime, ...] = ()
    unheard: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """For one phone or mailbox, over all plans that write there, within a local day and within any 7 days."""

    a_day: int
    a_week: int


@dataclass(frozen=True, slots=True)
class SentFact:
    """One message that was sent or is on its way. `day`: the patient's day on which it was due."""

    step: str
    occurrence: int
    day: date

    @property
    def key(self) -> tuple[str, int]:
        """What tells one reminder of a plan from another."""
        return self.step, self.occurrence


@dataclass(frozen=True, slots=True)
class Facts:
    """`zone` is the patient's, `site_zone` the clinic's; `until` bounds repeats without end.

    `budget`: how many messages a phone or mailbox may get; None: as many as the protocol has. `left` counts in it.
    `ends_on`: the day of a later operation, from which on this plan says nothing.
    `person`: key of the patient, 0 for one who is not saved; `addresses`: channel and phone or mailbox of a site, the
    patient's own.
    """

    day0: date
    zone: ZoneInfo
    site_zone: ZoneInfo
    opens: time
    closes: time
    until: date
    enrolled_on: date
    staffed_weekdays: frozenset[int] = frozenset(range(5))
    closed_days: frozenset[date] = frozenset()
    physical_therapy: str = "undecided"
    job: str = "unknown"
    channels: frozenset[str] = frozenset()
    visits: tuple[VisitFact, ...] = ()
    decisions: tuple[Decision, ...] = ()
    budget: Budget | None = None
    left: tuple[SentFact, ...] = ()
    ends_on: date | None = None
    person: int = 0
    addresses: tuple[tuple[str, str], ...] = ()

    def boxes(self, channel: str) -> tuple[str, ...]:
        """What a message by this channel counts for; where no address is known, the person's channel."""
        own = tuple(address for by, address in self.addresses if by == channel)
        return own or (f"{channel} of {self.person}",)


def channel_of(step: StepSpec, agreed: frozenset[str]) -> str:
    """The first of the step's channels that the patient agreed to; "" where there is none."""
    return next((channel for channel in step.channels if channel in agreed), "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One reminder the plan calls for. `held`: laid out, but not to be sent, and why."""

    step: str
    occurrence: int
    due_at: datetime
    useful_until: datetime
    held: Reason = Reason.NONE
    said: str = ""  # the step whose words it carries, where that is another one
    shifts: tuple[Shift, ...] = ()  # why it does not lie where the protocol put it
    channel: str = ""  # the first of the step's channels that the patient agreed to; "" means: call
    moved_from: date | None = None  # the day it would lie on without the limit of messages
    to_call: bool = False  # where it cannot be sent, a person calls


@dataclass(frozen=True, slots=True)
class WantedVisit:
    code: str
    occurrence: int
    opens: date
    target: date
    closes: date


@dataclass(frozen=True, slots=True)
class Layout:
    reminders: list[Wanted] = field(default_factory=list)
    visits: list[WantedVisit] = field(default_factory=list)
