"""What a clinic sets about alerts: whose a level is, how long it may take, its words, and phrases it adds to the signs.

Nothing here takes a sign or class E away: without a rule the program's own hold, and a phrase can only add.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from patients import clock
from patients.admin import ScopedInline
from reminders.replies.alerts.raising import CLOSED
from reminders.replies.autoreply_texts import Answer, wrong_in
from reminders.replies.models import AlertRule, SiteSign
from reminders.replies.models.alert import Level
from reminders.replies.parsing import redflags

LONGEST_E = 60  # minutes: an emergency that may wait longer would be none


class AlertRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = AlertRule
        fields = ["level", "owner_role", "minutes", "staffed_only", "wording"]
        help_texts = {
            "staffed_only": "Count only staffed minutes. Class E counts every minute regardless.",
            "wording": 'Empty: the built-in text. Else by language, such as {"en": "{clinic}: call {phone}. '
            'Emergency: {emergency}"}; "en closed" is what class D is told outside staffed hours, with {opens}.',
        }

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("level") == Level.E and (told.get("minutes") or 0) > LONGEST_E:
            self.add_error("minutes", f"An emergency must be answered within {LONGEST_E} minutes or less.")
        if wrong := _wrong_words(told.get("level", ""), told.get("wording")):
            self.add_error("wording", wrong)
        return told


def _wrong_words(level: str, wording: Any) -> str:
    if not wording:
        return ""
    if not isinstance(wording, dict) or not all(isinstance(words, str) for words in wording.values()):
        return 'Write words by language, such as {"en": "..."}.'
    if level == Level.R:
        return "No text is sent for class R: leave it empty."
    for language, words in wording.items():
        answer = Answer.EMERGENCY if level == Level.E else Answer.CALL_TODAY
        if language.endswith(CLOSED):
            answer = Answer.NOBODY_READS
        if words and (wrong := wrong_in(words, answer=answer)):
            return f"{language}: {wrong}"
    return ""


class AlertRuleInline(ScopedInline):
    model = AlertRule
    form = AlertRuleForm
    tab = True
    verbose_name = "rule"
    verbose_name_plural = "alerts"


class SiteSignForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = SiteSign
        fields = ["language", "level", "phrase"]
        help_texts = {"phrase": "Lower case. a/b: either word; (a): optional; ..: up to three words."}

    def clean_phrase(self) -> str:
        phrase: str = self.cleaned_data["phrase"]
        if not redflags.is_usable(phrase):
            raise ValidationError("This would match every text or none: write at least one word that matters.")
        return phrase


class SiteSignFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Who adds a phrase, and when, is not typed."""

    by: Any = None

    def save_new(self, form: Any, commit: bool = True) -> Any:
        form.instance.added_by, form.instance.added_at = self.by, clock.now()
        return super().save_new(form, commit=commit)


class SiteSignInline(ScopedInline):
    model = SiteSign
    form = SiteSignForm
    formset = SiteSignFormSet
    tab = True
    verbose_name = "phrase"
    verbose_name_plural = "extra warning signs"

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.by = request.user
        return formset
