"""One version of a protocol, day by day: edited while it is a draft, signed by a surgeon, read-only for ever after."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from patients import audit, clock
from patients.admin import SiteScopedAdmin, local
from patients.admin.scoped import link
from patients.models import Site
from patients.models.staff import Role
from reminders.admin.edit_conflicts import OpenedForm
from reminders.admin.json_fields import PainField, questions_field
from reminders.admin.rights import CLINICAL
from reminders.admin.version_pages import VersionPages
from reminders.admin.version_parts import in_languages, who_changed
from reminders.admin.version_timeline import stretches
from reminders.plan.blank_rows import rows_of
from reminders.plan.models import CarePlan, ProtocolVersion


@admin.register(ProtocolVersion)
class ProtocolVersionAdmin(VersionPages, SiteScopedAdmin):
    change_roles = CLINICAL
    form = OpenedForm
    list_display = ["protocol", "number", "state", "signed_by", "signed"]
    list_select_related = ["protocol__site", "signed_by"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["protocol__name"]
    readonly_fields = ["protocol_link", "number", "state", "signed_by", "signed", "course", "advice_read"]
    change_form_before_template = "admin/reminders/edit_conflict.html"
    change_form_outer_before_template = "admin/reminders/version_actions.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("protocol__site", "signed_by")

    def site_of(self, obj: ProtocolVersion) -> Site:
        return obj.protocol.site

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        about = ["protocol_link", "number", "state"]
        if obj is not None and self.has_change_permission(request, obj):
            return [*about, "expected_pain", "advice"]
        return [*about, "signed_by", "signed", "course", "advice_read"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == "draft")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "expected_pain":
            words = "A line each: the day, then the lowest and the highest pain, such as 14 2 5."
            return PainField(label="Expected course of pain", help_text=words)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "advice" in form.base_fields:
            form.base_fields["advice"] = questions_field(obj.protocol.site.languages if obj else ["en"])
        form.who_else = staticmethod(lambda: who_changed(obj))
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        with transaction.atomic():
            if request.method == "POST":
                ProtocolVersion.objects.select_for_update().filter(pk=object_id).first()
            version = self.get_object(request, object_id) if object_id else None
            shown = self._shown(request, version) if version is not None else {}
            return super().changeform_view(request, object_id, form_url, shown | (extra_context or {}))

    def _shown(self, request: HttpRequest, version: ProtocolVersion) -> dict[str, Any]:
        is_draft, may_edit = version.state == "draft", self.has_role(request, CLINICAL, version)
        plans = CarePlan.objects.filter(version=version)
        return {
            "stretches": stretches(version),
            "check_ups": list(version.check_ups.all()),
            "patients": plans.count(),
            "active": plans.active().count(),
            "blanks": rows_of(version),
            "may_sign": is_draft and self.has_role(request, [Role.SURGEON], version),
            "may_branch": may_edit,
            "may_edit": is_draft and may_edit,
            "may_retire": version.state == "signed" and may_edit,
            "others": version.protocol.versions.exclude(pk=version.pk).order_by("-number"),
        }

    def save_model(self, request: HttpRequest, obj: ProtocolVersion, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        by: Any = request.user
        if form.changed_data:
            audit.record("draft edited", of=obj, by=by, now=clock.now())

    @display(description="protocol")
    def protocol_link(self, version: ProtocolVersion) -> str:
        return link(reverse("admin:reminders_protocol_change", args=[version.protocol_id]), version.protocol)

    @display(description="signed")
    def signed(self, version: ProtocolVersion) -> str:
        return local(version.signed_at, version.protocol.site.zone)

    @display(description="questions people ask")
    def advice_read(self, version: ProtocolVersion) -> str:
        return in_languages(version.advice)

    @display(description="expected course of pain")
    def course(self, version: ProtocolVersion) -> str:
        return "; ".join(f"day {day}: {low} to {high}" for day, low, high in version.expected_pain) or "-"
