"""Protocols of one's sites: their versions, and the procedures that start with them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from patients import audit, clock
from patients.admin import ScopedInline, SiteScopedAdmin, local
from patients.admin.scoped import ReadOnlyInline, link, own_sites
from patients.admin.surgeries import OwnRelated
from patients.models import Site
from reminders.admin.protocol_upload import import_page
from reminders.admin.rights import CLINICAL
from reminders.plan.models import DefaultProtocol, Protocol, ProtocolVersion


class DefaultForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_procedure(self) -> Any:
        """One default for each procedure and site; taking it over from another protocol is done there first."""
        procedure = self.cleaned_data["procedure"]
        site = self.instance.protocol.site_id
        taken = DefaultProtocol.objects.filter(site=site, procedure=procedure).exclude(pk=self.instance.pk)
        if other := taken.select_related("protocol").first():
            raise ValidationError(f"{procedure} starts with “{other.protocol}”. Remove it there first.")
        self.instance.site_id = site
        return procedure


class DefaultInline(ScopedInline):
    model = DefaultProtocol
    form = DefaultForm
    fields = ["procedure"]
    verbose_name_plural = "procedures that use it by default"


class VersionInline(ReadOnlyInline):
    model = ProtocolVersion
    fields = readonly_fields = ["open", "state", "signed_by", "signed"]
    ordering = ["-number"]

    @display(description="version")
    def open(self, version: ProtocolVersion) -> str:
        url = reverse("admin:reminders_protocolversion_change", args=[version.pk])
        return link(url, f"version {version.number}")

    @display(description="signed")
    def signed(self, version: ProtocolVersion) -> str:
        return local(version.signed_at, version.protocol.site.zone)


@admin.register(Protocol)
class ProtocolAdmin(SiteScopedAdmin):
    add_roles = change_roles = CLINICAL
    list_display = ["name", "family", "signed", "drafts", "site"]
    list_select_related = ["site"]
    list_filter = [("site", OwnRelated), ("family", ChoicesDropdownFilter)]
    search_fields = ["name", "code", "summary"]
    fields = ["site", "name", "code", "family", "summary"]
    inlines = [VersionInline, DefaultInline]
    list_before_template = "admin/reminders/protocols_head.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("versions__signed_by")

    def get_urls(self) -> list[URLPattern]:
        take = self.admin_site.admin_view(self.take)
        return [path("import/", take, name="reminders_protocol_import"), *super().get_urls()]

    def take(self, request: HttpRequest) -> HttpResponse:
        return import_page(request, self.admin_site.each_context(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may_import = {"may_import": self.has_role(request, CLINICAL)}
        return super().changelist_view(request, may_import | (extra_context or {}))

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["site", "code", "family"] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.remote_field.model is Site:
            kwargs["queryset"] = own_sites(request.user, CLINICAL)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description="signed version")
    def signed(self, protocol: Protocol) -> str:
        signed = next((v for v in protocol.versions.all() if v.state == "signed"), None)
        return f"version {signed.number}, {signed.signed_by}" if signed else "none"

    @display(description="drafts")
    def drafts(self, protocol: Protocol) -> str:
        return ", ".join(f"version {v.number}" for v in protocol.versions.all() if v.state == "draft") or "-"

    def save_model(self, request: HttpRequest, obj: Protocol, form: Any, change: bool) -> None:
        """A new protocol begins with an empty draft."""
        super().save_model(request, obj, form, change)
        by: Any = request.user
        if not change:
            ProtocolVersion.objects.create(protocol=obj)
        verb = "protocol changed" if change else "protocol added"
        audit.record(verb, of=obj, by=by, now=clock.now())
