"""The base of every queryset that leads to a patient: limited to the sites a staff member belongs to."""

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models

from patients.models.site import Site
from patients.models.staff import Membership, StaffMember

M = TypeVar("M", bound=models.Model, covariant=True)

if TYPE_CHECKING:
    Base = models.QuerySet
else:

    class Base(models.QuerySet):
        def __class_getitem__(cls, _item: Any) -> type:
            return cls


class SiteScoped(Base[M]):
    def for_site(self, site: Site) -> Self:
        """Only rows of this site."""
        return self.filter(site=site)

    def for_staff(self, staff: StaffMember) -> Self:
        """Only rows of the staff member's own sites; a superuser sees no others."""
        if not staff.is_active:
            return self.none()
        return self.filter(site__in=Membership.objects.filter(staff=staff).values("site"))
