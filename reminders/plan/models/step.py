"""What a version is made of: phases, check-ups, steps and their texts."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from patients import validators
from patients.models.contact import Channel
from reminders.plan import nature, placeholders, titles
from reminders.plan.models.protocol import ProtocolVersion
from reminders.plan.values import Anchor, Condition, LateRule, Nature


class StepKind(models.TextChoices):
    WALK_TODAY = "walk_today", "walk today"
    AVOID_HEAVY_LIFTING = "avoid_heavy_lifting", "avoid heavy lifting"
    PAIN_MEDICINE = "pain_medicine", "pain medicine"
    START_PT = "start_pt", "start physical therapy"
    ASK_ABOUT_PT = "ask_about_pt", "ask about physical therapy"
    STRENGTHENING = "strengthening"
    PHASE_CHANGE = "phase_change", "phase change"
    LISTEN_TO_BODY = "listen_to_body", "listen to your body"
    RETURN_TO_WORK = "return_to_work", "return to work"
    BOOK_CHECK_UP = "book_check_up", "book check-up"
    RECALL = "recall"
    VISIT_REMINDER = "visit_reminder", "visit reminder"
    CHECK_IN = "check_in", "check-in"
    OUTCOME_QUESTIONS = "outcome_questions", "outcome questions"
    MAINTENANCE = "maintenance"


NATURES = [(one.value, words) for one, words in nature.WORDS.items()]
KNOWN_NATURES = ["", *(code for code, _ in NATURES)]
ABOUT_A_VISIT = {StepKind.BOOK_CHECK_UP, StepKind.RECALL, StepKind.VISIT_REMINDER}
ANSWERED = {StepKind.CHECK_IN, StepKind.OUTCOME_QUESTIONS, StepKind.VISIT_REMINDER}


class VersionPart(models.Model):
    """Belongs to one version and refuses to change once that is signed."""

    version = models.ForeignKey(ProtocolVersion, on_delete=models.CASCADE)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.version.refuse_change()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.version.refuse_change()
        return super().delete(*args, **kwargs)


class Phase(VersionPart):
    """Days after surgery, both inclusive. Title, do and avoid: one entry per language."""

    version = models.ForeignKey(ProtocolVersion, on_delete=models.CASCADE, related_name="phases")
    code = models.SlugField()
    first_day = models.PositiveSmallIntegerField()
    last_day = models.PositiveSmallIntegerField(null=True, blank=True)
    title = models.JSONField(default=dict)
    do = models.JSONField(default=dict, blank=True)
    avoid = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["version", "first_day"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="one_phase_per_code"),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="phase_ends_after_it_begins",
                violation_error_message="A phase ends on its first day or later; the last phase has no end.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title.get("en") or self.code)


class CheckUpDefinition(VersionPart):
    """A visit the protocol calls for: its window in days after surgery, inclusive."""

    version = models.ForeignKey(ProtocolVersion, on_delete=models.CASCADE, related_name="check_ups")
    code = models.SlugField()
    title = models.JSONField(default=dict)
    first_day = models.PositiveSmallIntegerField()
    target_day = models.PositiveSmallIntegerField()
    last_day = models.PositiveSmallIntegerField()
    repeat_days = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    nature = models.CharField(max_length=8, choices=NATURES, blank=True, help_text="Empty: safety.")

    class Meta:
        ordering = ["version", "first_day"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="one_check_up_definition_per_code"),
            models.CheckConstraint(
                condition=Q(first_day__lte=F("target_day")) & Q(target_day__lte=F("last_day")),
                name="check_up_definition_in_order",
                violation_error_message="The target day must be between the first and the last day of the window.",
            ),
            models.CheckConstraint(
                condition=Q(repeat_days__isnull=True) | Q(repeat_days__gte=28),
                name="check_up_repeats_rarely",
                violation_error_message="A check-up repeats every 28 days or less often.",
            ),
            models.CheckConstraint(condition=Q(nature__in=KNOWN_NATURES), name="check_up_definition_nature_is_known"),
        ]

    def __str__(self) -> str:
        return str(self.title.get("en") or self.code)

    @property
    def own_nature(self) -> Nature:
        """What it was given, else by the rule."""
        return nature.of_check_up(self.nature)


class StepQuerySet(models.QuerySet["Step"]):
    def addable(self) -> Self:
        """What may be said on other days as well: as `reminders.plan.extra_messages.can_be_added`, in the database."""
        return self.filter(check_up=None).exclude(anchor=Anchor.VISIT)


class Step(VersionPart):
    """One thing to say; see `reminders.plan.values.StepSpec` for what each field means to the schedule."""

    version = models.ForeignKey(ProtocolVersion, on_delete=models.CASCADE, related_name="steps")
    code = models.SlugField(max_length=70)
    kind = models.CharField(max_length=20, choices=StepKind.choices)
    title = models.CharField(max_length=120)
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="steps")
    anchor = models.CharField(max_length=16, choices=[(a.value, a.value.replace("_", " ")) for a in Anchor])
    check_up = models.ForeignKey(
        CheckUpDefinition, null=True, blank=True, on_delete=models.CASCADE, related_name="steps"
    )
    offset_days = models.SmallIntegerField(default=0)
    at = models.TimeField(help_text="The patient's local time.")
    channels = models.JSONField(default=list)
    condition = models.CharField(
        max_length=20,
        choices=[(c.value, c.value.replace("_", " ")) for c in Condition],
        default=Condition.ALWAYS,
    )
    repeat_days = models.PositiveSmallIntegerField(null=True, blank=True)
    repeat_count = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: repeats without end.")
    useful_days = models.PositiveSmallIntegerField(default=1)
    staffed_days_only = models.BooleanField(default=False)
    late_rule = models.CharField(
        "when it is late",
        max_length=5,
        choices=[
            (LateRule.UNTIL, "send it while it is useful"),
            (LateRule.SKIP, "leave it out once its day is over"),
            (LateRule.NEXT, "leave it out when the next of its kind is due"),
        ],
        default=LateRule.UNTIL,
    )
    warning = models.BooleanField(default=False)
    nature = models.CharField(
        max_length=8,
        choices=NATURES,
        blank=True,
        help_text="Empty: by its kind. Check-ins, warnings, outcome questions and words about a check-up are safety.",
    )
    why = models.TextField(blank=True, help_text="The source of the shipped value.")

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["version", "phase__first_day", "offset_days", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="one_step_per_code"),
            models.CheckConstraint(
                condition=Q(late_rule__in=[rule.value for rule in LateRule]), name="step_late_rule_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(anchor__in=[Anchor.CHECK_UP_WINDOW, Anchor.VISIT]) | Q(check_up__isnull=False),
                name="visit_step_names_its_check_up",
                violation_error_message="A step that depends on a check-up must name it.",
            ),
            models.CheckConstraint(
                condition=~Q(anchor=Anchor.SURGERY) | Q(offset_days__gte=0),
                name="no_step_before_the_operation",
                violation_error_message="A step counted from the operation cannot be before day 0.",
            ),
            models.CheckConstraint(
                condition=Q(repeat_days__isnull=True) | Q(repeat_days__gte=1),
                name="step_repeats_by_days",
                violation_error_message="Repeat every 1 day or more. Empty: only once.",
            ),
            models.CheckConstraint(
                condition=Q(repeat_count__isnull=True) | Q(repeat_count__range=(1, 99)),
                name="step_repeats_below_100",
                violation_error_message="Repeat 1 to 99 times. Empty: repeats without end.",
            ),
            models.CheckConstraint(condition=Q(nature__in=KNOWN_NATURES), name="step_nature_is_known"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        unknown = [c for c in self.channels if c not in Channel.values]
        if unknown or not self.channels:
            raise ValidationError({"channels": "List the channels in order of preference: [“sms”, “email”]."})
        check_up = self.check_up.own_nature if self.check_up else None
        if wrong := nature.disagrees(self.nature, anchor=self.anchor, check_up=check_up):
            raise ValidationError({"nature": wrong})

    @property
    def own_nature(self) -> Nature:
        """What it was given, else by the rule for its kind."""
        check_up = self.check_up.own_nature if self.check_up else None
        return nature.of_step(self.nature, kind=self.kind, warning=self.warning, anchor=self.anchor, check_up=check_up)

    def title_on(self, day: int) -> str:
        """Its title when it comes on that day after the operation."""
        return titles.title_on(self.title, anchor=self.anchor, offset_days=self.offset_days, day=day)

    @property
    def about_a_visit(self) -> bool:
        """Whether it asks to book a visit or reminds of one."""
        return self.kind in ABOUT_A_VISIT

    @property
    def is_answered(self) -> bool:
        """By a digit that does something at once."""
        return self.kind in ANSWERED


class StepText(models.Model):
    """A step's words in one language. Placeholders are checked on entry; see `placeholders.ALLOWED`."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=16, validators=[validators.language])
    sms = models.TextField(blank=True)
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField(blank=True)

    class Meta:
        ordering = ["step", "language"]
        constraints = [models.UniqueConstraint(fields=["step", "language"], name="one_text_per_language")]

    def __str__(self) -> str:
        return f"{self.step}, {self.language}"

    def clean(self) -> None:
        for name in ("sms", "subject", "body"):
            if unknown := placeholders.unknown(getattr(self, name)):
                raise ValidationError({name: placeholders.sentence(unknown)})
        if personal := placeholders.too_personal(self.sms):
            raise ValidationError({"sms": placeholders.personal_sentence(personal)})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.step.version.refuse_change()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.step.version.refuse_change()
        return super().delete(*args, **kwargs)
