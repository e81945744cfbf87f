"""A user with a role at one or more sites."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from patients.models.site import Site


class Role(models.TextChoices):
    SURGEON = "surgeon"
    RECEPTION = "reception"
    MANAGER = "manager"


DECIDES = (Role.SURGEON, Role.MANAGER)  # about a patient's plan; everybody at the site keeps visits and contacts


class StaffMember(AbstractUser):
    sites = models.ManyToManyField(Site, through="Membership", related_name="staff_members")

    class Meta:
        verbose_name = "staff member"
        ordering = ["last_name", "first_name", "username"]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def is_at(self, site: Site, *roles: str) -> bool:
        """Whether they work at this site, in one of these roles when any is named."""
        if not self.is_active:
            return False
        here = Membership.objects.filter(staff=self, site=site)
        return here.filter(role__in=roles).exists() if roles else here.exists()

    def decides_at(self, site: Site) -> bool:
        """Whether they may change, hold or cancel plans there."""
        return self.is_at(site, *DECIDES)


class Membership(models.Model):
    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "site", "role"], name="one_membership_per_role"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.staff}, {self.role} at {self.site}"
