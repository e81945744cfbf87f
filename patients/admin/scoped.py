"""The base of every admin screen: rows of one's own sites only, rights by role there, superusers included."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline

from patients.models import Membership, Site, StaffMember
from patients.models.staff import Role

ANYONE = frozenset(Role.values)
NOBODY: frozenset[str] = frozenset()


def own_sites(staff: Any, roles: Collection[str] = ANYONE) -> models.QuerySet[Site]:
    """Sites where they have one of these roles; none for someone signed out or deactivated."""
    if not (staff.is_authenticated and staff.is_active):
        return Site.objects.none()
    return Site.objects.filter(pk__in=Membership.objects.filter(staff=staff, role__in=roles).values("site"))


def roles_held(request: Any) -> dict[int, set[str]]:
    """Site -> roles there, read once a request: the sidebar alone asks twenty times."""
    if not hasattr(request, "roles_held"):
        request.roles_held = {}
        if request.user.is_authenticated and request.user.is_active:
            for site, role in request.user.memberships.values_list("site", "role"):
                request.roles_held.setdefault(site, set()).add(role)
    return dict(request.roles_held)


def own(model: type[models.Model], staff: Any) -> models.QuerySet[Any]:
    """The rows of this model that lead to no other site than one's own."""
    rows: Any = model._default_manager.all()
    if model is Site:
        return own_sites(staff)
    if model is StaffMember:
        return StaffMember.objects.filter(memberships__site__in=own_sites(staff)).distinct()
    return rows.for_staff(staff) if hasattr(rows, "for_staff") else rows


class SiteScopedAdmin(ModelAdmin):
    """`get_queryset` is the only way in: lists, pages, histories and searches all go through it."""

    add_roles: Collection[str] = NOBODY
    change_roles: Collection[str] = NOBODY
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    actions = None

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = own(self.model, request.user)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def site_of(self, obj: Any) -> Site:
        site: Site = obj.site
        return site

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(roles_held(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_role(request, ANYONE, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_role(request, self.change_roles, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_role(request, self.add_roles)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted here: what was planned, said or agreed to stays readable."""
        return False

    def has_role(self, request: HttpRequest, roles: Collection[str], obj: Any = None) -> bool:
        held = roles_held(request)
        if obj is not None:
            return bool(held.get(self.site_of(obj).pk, NOBODY) & set(roles))
        return any(here & set(roles) for here in held.values())

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", own(db_field.remote_field.model, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ScopedInline(TabularInline):
    """Rows of a parent that was reached through `SiteScopedAdmin`; who may change the parent may change them."""

    extra = 0

    def _may_change(self, request: HttpRequest, parent: Any) -> bool:
        parent_admin = self.admin_site._registry[self.parent_model]
        if parent is None or parent.pk is None:
            return bool(parent_admin.has_add_permission(request))
        return bool(parent_admin.has_change_permission(request, parent))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", own(db_field.remote_field.model, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ReadOnlyInline(ScopedInline):
    can_delete = False

    def _may_change(self, request: HttpRequest, parent: Any) -> bool:
        return False


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return "-"
    at = moment.astimezone(zone)
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M}"


def link(url: str, words: object) -> SafeString:
    return format_html('<a class="font-medium underline" href="{}">{}</a>', url, words)
