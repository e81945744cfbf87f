"""The audit: who did what, in the same transaction as the change. Shown on the record; see AuditEntry."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models

from patients.models import AuditEntry, Patient, Site, StaffMember
from patients.models.audit import AuditQuerySet


def record(
    verb: str, *, of: models.Model, by: StaffMember | None, now: datetime, site: Site | None = None, **details: object
) -> None:
    """`by` is None when the patient, the provider or the plan itself acted. Details are shown to staff as they are.

    `site` is only given where `of` may belong to several, such as a staff member; else it is that of `of`.
    """
    _entry(verb, of, by, now, details, site.pk if site else _site_of(of)).save()


def record_all(
    verb: str, *, of: Iterable[tuple[models.Model, Mapping[str, object]]], by: StaffMember | None, now: datetime
) -> None:
    """The same action on many rows, each with its details: one query for all of them."""
    AuditEntry.objects.bulk_create(_entry(verb, row, by, now, details, _site_of(row)) for row, details in of)


def record_everywhere(verb: str, *, of: models.Model, by: StaffMember, now: datetime, **details: object) -> None:
    """Record what concerns every site, such as a new kind of operation, in each site's audit."""
    sites = Site.objects.order_by("pk").values_list("pk", flat=True)
    AuditEntry.objects.bulk_create(_entry(verb, of, by, now, details, site) for site in sites)


def history(of: models.Model) -> AuditQuerySet:
    """The audit entries of one row, oldest first."""
    return AuditEntry.objects.of(of).in_order().select_related("by")


def _entry(
    verb: str, of: models.Model, by: StaffMember | None, now: datetime, details: Mapping[str, object], site: int
) -> AuditEntry:
    return AuditEntry(
        at=now,
        by=by,
        site_id=site,
        patient_id=of.pk if isinstance(of, Patient) else getattr(of, "patient_id", None),
        content_type=ContentType.objects.get_for_model(of),
        object_id=of.pk,
        verb=verb,
        details=dict(details),
    )


def _site_of(row: models.Model) -> int:
    """From the row at hand, without a query. Raises LookupError where it has none: then the caller must say which."""
    site: int | None = row.pk if isinstance(row, Site) else getattr(row, "site_id", None)
    if site is None:
        raise LookupError(f"A {row._meta.verbose_name} belongs to no single site: say at which this was done.")
    return site
