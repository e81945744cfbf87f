"""What a surgeon can do to one plan: a small form for each, which knows the act it stands for."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms

from clinic.staff.enrol.forms import NOT_A_DAY, DayInput, required
from patients.models import CheckUp, StaffMember, Surgery
from patients.models.surgery import PhysicalTherapy
from reminders import plan_changes
from reminders.plan import moved_check_ups
from reminders.plan.decisions import ORDERS
from reminders.plan.facts import course_of
from reminders.plan.models import PlanChange, ProtocolVersion, Reminder
from reminders.plan.models.protocol import VersionQuerySet
from reminders.plan.phase_calendar import Course
from reminders.plan.values import ChangeKind
from reminders.plan.visit_notices import is_notice
from reminders.plan_changes import Decided, Wish

SAFETY = " (safety)"


def day_field(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=DayInput(), error_messages=required("Choose a day.") | NOT_A_DAY, **options
    )


def days_field() -> forms.IntegerField:
    wrong = {"invalid": "Write a whole number of days, such as 5."} | required("Enter the number of days.")
    return forms.IntegerField(label="Days later", error_messages=wrong, help_text="A minus means earlier, such as -3.")


class Act(forms.Form):
    """`about`: the message or the earlier decision it speaks of. The actions refuse what does not fit."""

    verb: ClassVar[str]
    title: ClassVar[str]
    done: ClassVar[str]

    why = forms.CharField(label="Why", max_length=200, error_messages=required("Say in a few words why."))

    def __init__(
        self,
        data: Any = None,
        *,
        surgery: Surgery,
        today: date,
        about: int | None = None,
        course: Course | None = None,
    ) -> None:
        self.surgery, self.today, self.course = surgery, today, course
        self.key = f"{self.verb}-{about}" if about else self.verb
        super().__init__(data, auto_id=f"{self.key}_%s", initial={"about": about} | self.begins_with())
        if "why" in self.fields:
            self.order_fields([name for name in self.fields if name != "why"])
        self.offer()

    def begins_with(self) -> dict[str, Any]:
        return {}

    def offer(self) -> None:
        """Fill in the choices of the form's lists."""

    def do(self, *, by: StaffMember, now: datetime, revision: int) -> Decided:
        why = self.cleaned_data["why"]
        return plan_changes.decide(self.surgery, self.wish(), why=why, by=by, now=now, revision=revision)

    def wish(self) -> Wish:
        return Wish(ChangeKind(self.verb), **{n: v for n, v in self.cleaned_data.items() if n != "why" and v})

    def typed(self) -> list[tuple[str, str]]:
        """What was sent, to be sent again with the revision it was shown at."""
        return [(name, self.data[name]) for name in self.fields if name in self.data]

    @property
    def wrong(self) -> list[str]:
        """All error sentences together, for when the fields are not shown again."""
        return [str(sentence) for sentences in self.errors.values() for sentence in sentences]

    def _phases(self, *, coming: bool) -> list[tuple[str, str]]:
        course = self.course or course_of(self.surgery, self._version).seen_on(self.today)
        begins = {phase.code: course.begins(phase.code) for phase in self._version.phases.all()}
        return [
            (phase.code, f"{phase} (from {begin:%-d %b %Y})")
            for phase in self._version.phases.all()
            if (begin := begins[phase.code]) and (begin > self.today or not coming)
        ]

    @property
    def _version(self) -> ProtocolVersion:
        return self.surgery.care_plan.version


class Hold(Act):
    verb, title, done = "hold", "Hold", "The plan is held."
    starts = day_field("From")
    ends = day_field(
        "Until",
        required=False,
        help_text="The plan continues on that day. Empty: until it is released. Check-ins, warnings and visits go on.",
    )

    def begins_with(self) -> dict[str, Any]:
        return {"starts": self.today}


class Release(Act):
    verb, title, done = "release", "Release", "The plan continues."
    why = None  # type: ignore[assignment]
    ends = day_field("The plan continues from")

    def begins_with(self) -> dict[str, Any]:
        return {"ends": self.today}

    def do(self, *, by: StaffMember, now: datetime, revision: int) -> Decided:
        return plan_changes.release(self.surgery, on=self.cleaned_data["ends"], by=by, now=now, revision=revision)


class MovePhase(Act):
    verb, title, done = "shift", "Move a phase", "The phase is moved, and what follows it."
    phase = forms.ChoiceField(error_messages=required("Choose the phase."))
    days = days_field()

    def offer(self) -> None:
        self.fields["phase"] = forms.ChoiceField(
            label="Phase",
            choices=self._phases(coming=True),
            help_text="Activity moves with it. Check-ins, warnings and visits keep their days.",
        )


class MoveCheckUp(Act):
    """Safety check-ups too: the preview says so clearly where one comes later."""

    verb, title, done = "check_up", "Move a check-up", "The check-up's window is moved. A booked visit keeps its time."
    check_up = forms.ChoiceField(error_messages=required("Choose the check-up."))
    days = days_field()

    def offer(self) -> None:
        safe = moved_check_ups.safe_ones(self._version)
        rows = moved_check_ups.movable(self.surgery)
        self.fields["check_up"] = forms.ChoiceField(
            label="Check-up",
            choices=[(f"{one.code}:{one.occurrence}", self._said(one, one.code in safe)) for one in rows],
            error_messages=required("Choose the check-up."),
            help_text="Its window moves, with the messages that ask to book it. A booked visit keeps its time.",
        )

    @staticmethod
    def _said(one: CheckUp, is_safety: bool) -> str:
        return f"{one.title}, {one.window_opens:%-d %b} to {one.window_closes:%-d %b %Y}{SAFETY if is_safety else ''}"

    def wish(self) -> Wish:
        code, _, occurrence = self.cleaned_data["check_up"].rpartition(":")
        return Wish(ChangeKind.CHECK_UP, check_up=code, occurrence=int(occurrence), days=self.cleaned_data["days"])


class Pace(Act):
    verb, title, done = "pace", "Change the pace", "Phases that have not started follow the new pace."
    percent = forms.IntegerField(
        label="Length of the coming phases, in percent",
        error_messages={"invalid": "Enter a whole number, such as 125."} | required("Enter the percentage."),
        help_text="125: slower, a quarter longer. 100: as the protocol has it. Check-ins, warnings and visits stay.",
    )


class OrderTherapy(Act):
    verb, title, done = "order_pt", "Order physical therapy", "Physical therapy is ordered."
    phase = forms.ChoiceField(required=False)
    starts = day_field("The day", required=False, help_text="Only used if no phase is chosen. Empty: today.")
    to = forms.ChoiceField(
        label="Ordered as", choices=[(order, PhysicalTherapy(order).label.capitalize()) for order in ORDERS]
    )

    def offer(self) -> None:
        choices = [("", "On a day of its own"), *self._phases(coming=True)]
        self.fields["phase"] = forms.ChoiceField(label="From", choices=choices, required=False)


class MoveDay(Act):
    verb, title, done = "date", "Move day of surgery", "The operation and its plan are moved."
    date = forms.DateField(
        label="New day of surgery", widget=DayInput(), error_messages=required("Choose the new day.") | NOT_A_DAY
    )

    def begins_with(self) -> dict[str, Any]:
        return {"date": self.surgery.date}

    def wish(self) -> Wish:
        return Wish(ChangeKind.DATE, to=self.cleaned_data["date"].isoformat())


class MoveToVersion(Act):
    verb, title, done = "version", "Another protocol version", "The plan now uses the other version."
    version = forms.ModelChoiceField(ProtocolVersion.objects.none())

    def offer(self) -> None:
        self.fields["version"] = forms.ModelChoiceField(
            self.others.select_related("protocol"), error_messages=required("Choose the version.")
        )

    @property
    def others(self) -> VersionQuerySet:
        signed = ProtocolVersion.objects.signed().filter(protocol__site=self.surgery.site_id)
        return signed.exclude(pk=self._version.pk)


class AboutMessage(Act):
    """`every`: all repeats of that step, those to come included."""

    about = forms.ModelChoiceField(Reminder.objects.none())
    every = forms.BooleanField(required=False, label="Every repeat of this message, not only this one")

    def offer(self) -> None:
        own = Reminder.objects.filter(surgery=self.surgery).select_related("step")
        self.fields["about"] = forms.ModelChoiceField(own, widget=forms.HiddenInput())

    def wish(self) -> Wish:
        message, given = self.cleaned_data["about"], self.cleaned_data
        return Wish(
            ChangeKind(self.verb),
            step=message.step_code,
            occurrence=None if given["every"] else message.occurrence,
            days=given.get("days") or 0,
            to=given.get("to") or "",
        )


class Skip(AboutMessage):
    verb, title, done = "skip", "Skip", "The message is taken out of this plan."

    def wish(self) -> Wish:
        message, every = self.cleaned_data["about"], self.cleaned_data["every"]
        is_one = is_notice(message.step_code) or not every
        return Wish.skipping(message.step_code, message.occurrence if is_one else None)


class PutOff(AboutMessage):
    verb, title, done = "delay", "Postpone", "The message is postponed."
    days = days_field()


class Replace(AboutMessage):
    verb, title, done = "replace", "Replace", "The text of the message is replaced."
    to = forms.ChoiceField(label="Send instead")

    def offer(self) -> None:
        super().offer()
        steps = self._version.steps.values_list("code", "title")
        self.fields["to"] = forms.ChoiceField(label="Send instead", choices=[("", "Choose the text"), *steps])
        self.fields["to"].error_messages |= required("Choose the text to send instead.")


class Add(Act):
    verb, title, done = "add", "Add a message", "The message is added to this plan."
    step = forms.ChoiceField(label="Message")
    starts = day_field("On")
    days = forms.IntegerField(
        label="Repeat every (days)",
        required=False,
        error_messages={"invalid": "Write a whole number of days, such as 3."},
        help_text="Empty: only once.",
    )
    ends = day_field("Until", required=False, help_text="The last day of the repeats.")

    def begins_with(self) -> dict[str, Any]:
        return {"starts": self.today + timedelta(days=1)}

    def offer(self) -> None:
        steps = self._version.steps.addable().values_list("code", "title")
        self.fields["step"] = forms.ChoiceField(label="Message", choices=[("", "Choose the text"), *steps])
        self.fields["step"].error_messages |= required("Choose the text to send.")


class Undo(Act):
    verb, title, done = "undo", "Undo", "Undone. The plan is as it was before that change."
    why = None  # type: ignore[assignment]
    about = forms.ModelChoiceField(PlanChange.objects.none())

    def offer(self) -> None:
        own = PlanChange.objects.filter(surgery=self.surgery)
        self.fields["about"] = forms.ModelChoiceField(own, widget=forms.HiddenInput())

    def do(self, *, by: StaffMember, now: datetime, revision: int) -> Decided:
        return plan_changes.undo(self.cleaned_data["about"], by=by, now=now, revision=revision)


WHOLE_PLAN: list[type[Act]] = [MovePhase, MoveCheckUp, Pace, OrderTherapy, Add, MoveDay, MoveToVersion]
ONE_MESSAGE: list[type[Act]] = [Skip, PutOff, Replace]
ONLY_SKIP: list[type[Act]] = [Skip]  # a notice about a visit's time follows the visit
_all: list[type[Act]] = [Hold, Release, Undo, *WHOLE_PLAN, *ONE_MESSAGE]
ACTS = {act.verb: act for act in _all}
