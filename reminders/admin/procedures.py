"""Kinds of operations, shared by all sites; which protocol each starts with is a site's own choice."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from patients import audit, clock
from patients.admin import SiteScopedAdmin
from patients.admin.scoped import own_sites, roles_held
from patients.models import Procedure, Surgery
from patients.models.staff import Role
from reminders import actions
from reminders.plan.models import DefaultProtocol

MANAGER = frozenset([Role.MANAGER])


@admin.register(Procedure)
class ProcedureAdmin(SiteScopedAdmin):
    add_roles = change_roles = MANAGER
    list_display = ["name", "code", "family", "starts_with"]
    list_filter = [("family", ChoicesDropdownFilter)]
    search_fields = ["name", "code"]
    fields = ["name", "code", "family"]

    def has_role(self, request: HttpRequest, roles: Any, obj: Any = None) -> bool:
        """No procedure belongs to a site: a manager of any site keeps the list."""
        return any(Role.MANAGER in here for here in roles_held(request).values())

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_role(request, MANAGER)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only one that no patient ever had."""
        return self.has_role(request, MANAGER) and obj is not None and not _is_used(obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code", "family"] if obj else []

    @display(description="default protocol at your sites")
    def starts_with(self, procedure: Procedure) -> str:
        return ", ".join(str(default.protocol) for default in procedure.own_defaults) or "nothing yet"  # type: ignore[attr-defined]

    def get_queryset(self, request: HttpRequest) -> Any:
        mine = DefaultProtocol.objects.filter(site__in=own_sites(request.user)).select_related("protocol")
        rows = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("default_protocols", mine, to_attr="own_defaults"))

    def save_model(self, request: HttpRequest, obj: Procedure, form: Any, change: bool) -> None:
        by: Any = request.user
        if not change:
            actions.add_procedure(obj, by=by, now=clock.now())
            return
        super().save_model(request, obj, form, change)
        audit.record_everywhere("procedure renamed", of=obj, by=by, now=clock.now(), name=obj.name)


def _is_used(procedure: Procedure) -> bool:
    return Surgery.objects.filter(procedure=procedure).exists()
