"""What the four factors propose: rules a clinic edits, and proposals a surgeon accepts or declines."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from patients.models import Site, StaffMember, Surgery
from patients.models.scoped import SiteScoped
from reminders.plan import pace
from reminders.plan.models.change import PlanChange
from reminders.plan.values import Comparison, Factor, Proposes


class PaceRuleQuerySet(SiteScoped["PaceRule"]):
    pass


class PaceRule(models.Model):
    """`fact` and what a `value` may be: `reminders.plan.pace.FACTS`. `amount`: percent, or days between check-ins."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="pace_rules")
    code = models.SlugField()
    factor = models.CharField(max_length=16, choices=[(f.value, f.value.replace("_", " ")) for f in Factor])
    fact = models.CharField(max_length=24)
    test = models.CharField(max_length=10, choices=[(t.value, t.value.replace("_", " ")) for t in Comparison])
    value = models.CharField(max_length=24)
    proposes = models.CharField(max_length=16, choices=[(p.value, p.value.replace("_", " ")) for p in Proposes])
    amount = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.CharField(max_length=120, help_text="The reason shown to the surgeon, such as “{value} years”.")
    source = models.CharField(max_length=200, blank=True, help_text="The source of the rule.")
    is_active = models.BooleanField(default=True)

    objects = PaceRuleQuerySet.as_manager()

    class Meta:
        ordering = ["site", "factor", "code"]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="one_pace_rule_per_code")]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        rule = pace.ProposalRule(
            self.code,
            Factor(self.factor),
            self.fact,
            Comparison(self.test),
            self.value,
            Proposes(self.proposes),
            self.amount,
            self.words,
        )
        if wrong := list(pace.faults(rule)):
            raise ValidationError(wrong)


class ProposalState(models.TextChoices):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OUTDATED = "outdated", "outdated: the facts changed"


class PaceProposalQuerySet(SiteScoped["PaceProposal"]):
    pass


class PaceProposal(models.Model):
    """Proposed and explained, never done by itself. `reasons`: sentences; `facts`: what they were made of."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    surgery = models.ForeignKey(Surgery, on_delete=models.CASCADE, related_name="proposals")
    proposes = models.CharField(max_length=16, choices=[(p.value, p.value.replace("_", " ")) for p in Proposes])
    amount = models.PositiveSmallIntegerField(null=True, blank=True)
    reasons = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=ProposalState.choices, default=ProposalState.OPEN)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    change = models.ForeignKey(
        PlanChange,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The change that accepting it made.",
    )

    objects = PaceProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["surgery", "proposes"], condition=Q(state="open"), name="one_open_proposal_of_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_proposes_display()}, {self.get_state_display()}"
