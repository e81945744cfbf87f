"""Phases and check-ups of one version: a page each, words per language."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from reminders.admin.json_fields import PerLanguage
from reminders.admin.version_parts import PartAdmin, in_languages
from reminders.plan.models import CheckUpDefinition, Phase


class SpokenAdmin(PartAdmin):
    """Words are asked for per language while this is a draft, and shown per language afterwards."""

    lines: list[str] = []
    days: list[str] = []

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        spoken = ["title", *self.lines]
        if obj is not None and not self.has_change_permission(request, obj):
            spoken = [f"{name}_read" for name in spoken]
        return [(None, {"fields": ["of", "code", *self.days, *spoken]})]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        version = self.version_of(request)
        languages = version.protocol.site.languages if version else ["en"]
        if db_field.name == "title":
            return PerLanguage(languages=languages, label="Title")
        if db_field.name in self.lines:
            return PerLanguage(languages=languages, lines=True, required=False, help_text="A line each.")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="title")
    def title_read(self, part: Any) -> str:
        return in_languages(part.title)


@admin.register(Phase)
class PhaseAdmin(SpokenAdmin):
    lines = ["do", "avoid"]
    days = ["first_day", "last_day"]
    readonly_fields = ["of", "title_read", "do_read", "avoid_read"]
    called = "phase"

    @display(description="do")
    def do_read(self, phase: Phase) -> str:
        return in_languages(phase.do)

    @display(description="avoid")
    def avoid_read(self, phase: Phase) -> str:
        return in_languages(phase.avoid)


@admin.register(CheckUpDefinition)
class CheckUpAdmin(SpokenAdmin):
    days = ["first_day", "target_day", "last_day", "repeat_days", "nature", "note"]
    readonly_fields = ["of", "title_read"]
    called = "check-up"
