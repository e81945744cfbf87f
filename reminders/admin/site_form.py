"""A site's languages, and what is said before one without texts is saved."""

from typing import Any

from django import forms

from patients import phones
from reminders.admin.closed_days_form import ClosedDaysForm
from reminders.plan import language_gaps
from reminders.replies.autoreply_texts import WORDS


class SiteForm(ClosedDaysForm):
    """The first save says what a new language lacks and whom it affects; a tick beside it saves it all the same."""

    languages_anyway = forms.BooleanField(
        required=False,
        label="Save languages without texts",
        help_text="Tick it once you have read what is missing. Their texts go in the clinic's own language until then.",
    )

    phone = forms.CharField(
        max_length=40,
        help_text="The number patients are told to call; without + it is read as one of the site's country.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._read_phone(cleaned)
        wanted = cleaned.get("languages")
        if "languages" in self.changed_data and wanted and not cleaned.get("languages_anyway"):
            added = [tag for tag in wanted if not self.instance.pk or tag not in self.initial.get("languages", [])]
            told = language_gaps.missing(self.instance, added, WORDS) if self.instance.pk else _unknown(added)
            if self.instance.pk:
                told += self._left_behind(wanted)
            if told:
                self.add_error("languages", [*told, "Not saved yet. Tick “Save languages without texts” to save it."])
        return cleaned

    def _read_phone(self, cleaned: dict[str, Any]) -> None:
        country = cleaned.get("country") or self.instance.country
        if cleaned.get("phone"):
            try:
                cleaned["phone"] = phones.e164(cleaned["phone"], region=country)
            except phones.InvalidPhone as error:
                self.add_error("phone", str(error))

    def _left_behind(self, wanted: list[str]) -> list[str]:
        before = type(self.instance).objects.get(pk=self.instance.pk)
        return language_gaps.left_behind(before, wanted)


def _unknown(added: list[str]) -> list[str]:
    """A new site has the shipped drafts, which speak what Aftercare's own words speak."""
    strange = [tag for tag in added if language_gaps.base(tag) not in WORDS]
    return [f"{tag}: the protocols that come with a new site have no text in it." for tag in strange]
