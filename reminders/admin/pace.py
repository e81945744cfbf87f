"""What the four factors propose at a site: a clinic edits each rule, adds others, or turns one off."""

from typing import Any

from django import forms
from django.http import HttpRequest

from patients.admin import ScopedInline
from reminders.plan.models import PaceRule
from reminders.plan.pace import FACTS
from reminders.plan.values import Proposes


class PaceRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    fact = forms.ChoiceField(choices=[(fact, f"{fact.replace('_', ' ')}: {what}") for fact, (_, what) in FACTS.items()])
    proposes = forms.ChoiceField(choices=[(what.value, what.replace("_", " ")) for what in Proposes])

    class Meta:
        model = PaceRule
        fields = ["code", "factor", "fact", "test", "value", "proposes", "amount", "words", "source", "is_active"]
        help_texts = {
            "amount": "For a pace: percent of the protocol's length. For check-ins: days between.",
            "words": "{value} stands for the patient's value.",
        }


class PaceRuleInline(ScopedInline):
    """It only ever proposes: a surgeon decides, on the record."""

    model = PaceRule
    form = PaceRuleForm
    tab = True
    verbose_name = "rule"
    verbose_name_plural = "pace rules"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Turned off, not deleted: what was proposed by it stays explained."""
        return False
