"""What a site said about the columns of its files, kept for the next one."""

from collections.abc import Mapping

from django.db import transaction

from patients.models import Site
from patients.models.column_mapping import ColumnMapping


def told(site: Site, kind: str, said: Mapping[str, str]) -> dict[str, str]:
    """Fields by column: what was kept, and over it what is said now. A field said now is no other column's any more."""
    kept = dict(ColumnMapping.objects.filter(site=site, kind=kind).values_list("column", "field"))
    given = {field for field in said.values() if field}
    return {column: field for column, field in kept.items() if field not in given} | dict(said)


@transaction.atomic
def keep(site: Site, kind: str, said: Mapping[str, str]) -> None:
    """Idempotent; of two columns said to be one field at different times the later one stays."""
    if not said:
        return
    rows = ColumnMapping.objects.filter(site=site, kind=kind)
    rows.filter(field__in=[field for field in said.values() if field]).exclude(column__in=said).delete()
    for column, field in said.items():
        rows.update_or_create(site=site, kind=kind, column=column[:120], defaults={"field": field})
