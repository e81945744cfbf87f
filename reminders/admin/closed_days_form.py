"""Region, kinds of holidays and a closure on a site's form, with what they change before it is saved."""

from datetime import date
from typing import Any

from django import forms
from django.db import transaction
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from patients import clock, closed_days, public_holidays
from patients.closed_days import DayChanges
from patients.models import Site
from reminders import site_days
from reminders.site_days import DaysPreview

KINDS = {
    "public": "Public holidays",
    "bank": "Bank holidays",
    "government": "Days on which public offices are closed",
    "half_day": "Half days",
    "optional": "Optional holidays",
    "school": "School holidays",
    "unofficial": "Days that are marked, not days off",
    "de_facto": "Days off by custom",
}
FOLLOWS = ("country", "region", "holiday_kinds", "time_zone")
SHOWN = 12  # days of a list in a sentence


class ClosedDaysForm(forms.ModelForm):  # type: ignore[type-arg]
    """The part of a site's form about days. Its first save shows the days that change; a tick saves it."""

    region = forms.ChoiceField(
        required=False,
        widget=UnfoldAdminSelectWidget(),
        help_text="ISO 3166-2. Without it only holidays of the whole country count: of England's nine, seven.",
    )
    holiday_kinds = forms.MultipleChoiceField(
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        label="Closed on",
        initial=["public"],
        help_text="Days come and go with the calendar. What you add or remove under Closed days stays as you set it.",
    )
    close_from = forms.DateField(
        required=False, widget=UnfoldAdminDateWidget(), label="First day of a closure", help_text="Such as a week off."
    )
    close_until = forms.DateField(required=False, widget=UnfoldAdminDateWidget(), label="Last day of the closure")
    close_name = forms.CharField(
        required=False, max_length=80, widget=UnfoldAdminTextInputWidget(), label="Name of the closure"
    )
    days_anyway = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanWidget(),
        label="Save the changed closed days",
        help_text="Tick it once you have read which days and messages change.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = str(self.data.get("country") or self.instance.country)
        if "region" in self.fields:
            self.fields["region"].choices = _regions(country)  # type: ignore[attr-defined]
            self.fields["region"].error_messages["invalid_choice"] = f"Choose a region of {country}, or none."
        if "holiday_kinds" in self.fields:
            kinds = {*public_holidays.kinds(country), *self.instance.holiday_kinds}
            self.fields["holiday_kinds"].choices = [(kind, _kind(kind)) for kind in sorted(kinds, key=_order)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and self.instance.pk:
            self._look_first(cleaned)
        return cleaned

    def _look_first(self, cleaned: dict[str, Any]) -> None:
        follows = any(name in self.changed_data for name in FOLLOWS)
        first, last = cleaned.get("close_from"), cleaned.get("close_until")
        if last and not first:
            return self.add_error("close_from", "Give the first day of the closure as well.")
        if not follows and not first:
            return None
        site, now = self._as_typed(cleaned), clock.now()
        try:
            found = site_days.preview(site, lambda: self._changes(site, cleaned), now=now)
        except forms.ValidationError as error:
            return self.add_error("close_from", error)
        if cleaned.get("days_anyway") or not (found.changes.closed or found.changes.opened):
            return None
        told = [*in_words(found), "Not saved yet. Tick “Save the changed closed days” to save it."]
        return self.add_error("close_from" if first else "region", told)

    def _as_typed(self, cleaned: dict[str, Any]) -> Site:
        """The site as it would be saved: the form's own instance is not yet that."""
        site = Site.objects.get(pk=self.instance.pk)
        for name in (*FOLLOWS, "languages"):
            if name in cleaned:
                setattr(site, name, cleaned[name])
        return site

    def _changes(self, site: Site, cleaned: dict[str, Any]) -> DayChanges:
        now = clock.now()
        site.save()
        changes = closed_days.close_on_holidays(site, by=None, now=now)
        if first := cleaned.get("close_from"):
            last = cleaned.get("close_until") or first
            days = closed_days.close_between(site, first=first, last=last, name="", by=None, now=now)
            changes.closed |= dict.fromkeys(days, cleaned.get("close_name") or "closed")
        return changes

    @transaction.atomic
    def apply_days(self, *, by: Any) -> None:
        """After the site is saved: its holidays, then the closure."""
        now = clock.now()
        if any(name in self.changed_data for name in (*FOLLOWS, "languages")):
            closed_days.close_on_holidays(self.instance, by=by, now=now)
        if first := self.cleaned_data.get("close_from"):
            last = self.cleaned_data.get("close_until") or first
            name = self.cleaned_data.get("close_name") or ""
            closed_days.close_between(self.instance, first=first, last=last, name=name, by=by, now=now)


def days_by_hand(formset: Any) -> dict[str, set[date]]:
    """What was typed into the list of closed days: days added or changed, and days taken out or moved away from."""
    closed = {row.date for row in formset.new_objects} | {row.date for row, _ in formset.changed_objects}
    moved = {form.initial["date"] for form in formset.initial_forms if "date" in form.changed_data}
    return {"closed": closed, "opened": {row.date for row in formset.deleted_objects} | moved}


def in_words(found: DaysPreview) -> list[str]:
    """What the preview says, a sentence each."""
    told = []
    if found.changes.closed:
        told.append(f"Closed from now on: {_listed(found.changes.closed)}.")
    if found.changes.opened:
        told.append(f"Open again: {_listed(found.changes.opened)}.")
    if found.visits:
        booked = "1 visit is" if found.visits == 1 else f"{found.visits} visits are"
        told.append(f"{booked} booked on these days and stay booked: call those patients.")
    many = f"{found.moved} planned messages move" if found.moved else "No planned message moves"
    messages = "1 planned message moves" if found.moved == 1 else many
    among = f" among the first {site_days.MOST_LOOKED_AT} of {found.plans} plans" if found.has_more_plans else ""
    return [*told, f"{messages} to another day or hour{among}."]


def _listed(days: dict[Any, str]) -> str:
    some = [f"{day:%a} {day.day} {day:%b %Y} ({name})" for day, name in sorted(days.items())[:SHOWN]]
    more = f" and {len(days) - SHOWN} more" if len(days) > SHOWN else ""
    return ", ".join(some) + more


def _regions(country: str) -> list[tuple[str, str]]:
    known = public_holidays.regions(country)
    named = sorted((name, code) for code, name in known.items())
    return [("", "The whole country only"), *((code, _region(country, code, name)) for name, code in named)]


def _region(country: str, code: str, name: str) -> str:
    return f"{name} ({country}-{code})" if len(code) <= 3 else name  # ISO has three letters at most; others are cities


def _kind(kind: str) -> str:
    return KINDS.get(kind, f"{kind.replace('_', ' ').capitalize()} holidays")


def _order(kind: str) -> tuple[bool, str]:
    return kind != public_holidays.PUBLIC, kind
