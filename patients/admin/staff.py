"""Staff. A manager adds and deactivates staff of their own sites, and sets their roles there."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from patients import audit, clock
from patients.admin.scoped import ScopedInline, SiteScopedAdmin, own_sites, roles_held
from patients.models import Membership, Site, StaffMember
from patients.models.staff import Role

MANAGER = {Role.MANAGER}
IDENTITY = ["username", "first_name", "last_name", "email", "is_active"]


class MembershipFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        """A person without any site could not be found again by anybody; a site without manager has no way back."""
        super().clean()
        kept = [f for f in self.forms if f.cleaned_data.get("site") and not f.cleaned_data.get("DELETE")]
        if not kept and not _elsewhere(self.instance, self.queryset):
            raise ValidationError("Give at least one role at one site. To end somebody's access, switch off “active”.")
        for form in self.forms:
            _refuse_last_manager(form)


def _elsewhere(staff: StaffMember, shown: Any) -> bool:
    return staff.pk is not None and staff.memberships.exclude(pk__in=shown.values("pk")).exists()


def _refuse_last_manager(form: Any) -> None:
    was = form.instance
    if not was.pk or form.initial.get("role") != Role.MANAGER:
        return
    data = form.cleaned_data
    stays = data.get("role") == Role.MANAGER and data.get("site") == was.site and not data.get("DELETE")
    others = Membership.objects.filter(site=form.initial["site"], role=Role.MANAGER, staff__is_active=True)
    if not stays and not others.exclude(pk=was.pk).exists():
        raise ValidationError("This is the site's last manager. Make somebody else a manager first.")


class MembershipInline(ScopedInline):
    model = Membership
    formset = MembershipFormSet
    fields = ["site", "role"]
    verbose_name = "role at a site"
    verbose_name_plural = "roles at your sites"

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(site__in=own_sites(request.user, MANAGER))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "site":
            kwargs["queryset"] = own_sites(request.user, MANAGER)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(StaffMember)
class StaffMemberAdmin(SiteScopedAdmin, UserAdmin):  # type: ignore[misc, type-arg]
    """No flags, groups or permission rows here: rights come from roles at sites, and from nowhere else."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    add_roles = change_roles = MANAGER
    list_display = ["username", "first_name", "last_name", "email", "roles", "is_active"]
    list_filter = ["is_active", "memberships__role"]
    search_fields = ["username", "first_name", "last_name", "email"]
    filter_horizontal = ()
    inlines = [MembershipInline]
    fieldsets = [(None, {"fields": ["username", "password", "first_name", "last_name", "email", "is_active"]})]
    add_fieldsets = [
        (None, {"fields": ["username", "first_name", "last_name", "email", "password1", "password2"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        managed = own_sites(request.user, MANAGER)
        return (
            StaffMember.objects.filter(memberships__site__in=managed).distinct().prefetch_related("memberships__site")
        )

    def has_role(self, request: HttpRequest, roles: Any, obj: Any = None) -> bool:
        """Here every right is a manager's; over a person, one at a site where that person works."""
        managed = [site for site, here in roles_held(request).items() if Role.MANAGER in here]
        return bool(managed) if obj is None else obj.memberships.filter(site__in=managed).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_role(request, MANAGER)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_role(request, MANAGER, obj)

    def may_change_identity(self, request: HttpRequest, staff: StaffMember) -> bool:
        """A new password opens every site of that person, so they must all be the manager's own."""
        if staff.pk == request.user.pk:
            return True
        foreign = staff.memberships.exclude(site__in=own_sites(request.user, MANAGER))
        return not foreign.exists() and not staff.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None or self.may_change_identity(request, obj) else IDENTITY

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.may_change_identity(request, obj):
            words = "Also works at another site: only the roles at yours can be changed here."
            return [(None, {"fields": IDENTITY, "description": words})]
        return super().get_fieldsets(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        staff = self.get_object(request, id)
        if staff is not None and not self.may_change_identity(request, staff):
            raise PermissionDenied("This person also works at a site that is not yours.")
        return super().user_change_password(request, id, form_url)

    @display(description="roles")
    def roles(self, staff: StaffMember) -> str:
        return ", ".join(f"{m.get_role_display()} at {m.site}" for m in staff.memberships.all())

    def save_model(self, request: HttpRequest, obj: StaffMember, form: Any, change: bool) -> None:
        obj.is_staff = True  # may sign in; what they see is still up to their roles
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Audited at each site it concerns: a changed name everywhere, a changed role where it is held."""
        staff, by = form.instance, cast(StaffMember, request.user)
        before = _roles(staff)
        super().save_related(request, form, formsets, change)
        after = _roles(staff)
        verb = "staff member changed" if change else "staff member added"
        for site in before | after:
            if form.changed_data or before.get(site) != after.get(site):
                audit.record(verb, of=staff, by=by, now=clock.now(), site=site, roles=after.get(site, "none"))


def _roles(staff: StaffMember) -> dict[Site, str]:
    """What they do at each site where they work."""
    held: dict[Site, list[str]] = {}
    for membership in staff.memberships.select_related("site").order_by("site__name", "role"):
        held.setdefault(membership.site, []).append(membership.role)
    return {site: ", ".join(roles) for site, roles in held.items()}
