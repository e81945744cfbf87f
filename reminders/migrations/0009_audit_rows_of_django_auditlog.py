"""Who did what was kept in django-auditlog's table until now. Its rows are copied into our own, then it is dropped.

The package is no longer installed, so its table is read as it stands in the database. Where there is none (a new
installation) nothing is done. Until then no row said at which site: that is found through the row it speaks of. Where
that does not tell (a staff member, a procedure), the site stays empty; where that row is gone, its name as it was
written down then is kept among the details.
"""

from django.apps.registry import Apps
from django.db import migrations, models

TABLE = "auditlog_logentry"
AT_ONCE = 2_000
PLACES = {  # of each model that has been audited: where its site and its patient are found
    "patients.patient": ("site", "pk"),
    "patients.surgery": ("site", "patient"),
    "patients.site": ("pk", None),
    "patients.staffmember": (None, None),
    "patients.procedure": (None, None),
    "reminders.protocol": ("site", None),
    "reminders.protocolversion": ("protocol__site", None),
    "reminders.alert": ("site", None),
    "reminders.reply": ("site", None),
    "reminders.alarm": ("site", None),
}


def carry_over(apps, schema_editor):
    connection = schema_editor.connection
    if TABLE not in connection.introspection.table_names():
        return
    if connection.vendor == "postgresql":  # a process of the old version that still runs must not add rows meanwhile
        schema_editor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
    copied = sum(_copy(apps, batch, connection.alias) for batch in _batches(_old().using(connection.alias)))
    if copied != _old().using(connection.alias).count():
        raise RuntimeError(f"Only {copied} audit rows could be copied. Nothing was changed; {TABLE} is as it was.")
    schema_editor.execute(f"DROP TABLE {TABLE}")


def _old():
    """The old rows; a model in a registry of its own, which the app's state knows nothing of."""

    class OldEntry(models.Model):
        content_type_id = models.IntegerField()
        object_pk = models.CharField(max_length=255)
        object_repr = models.TextField()
        timestamp = models.DateTimeField()
        actor_id = models.BigIntegerField(null=True)
        additional_data = models.JSONField(null=True)

        class Meta:
            apps = Apps()
            app_label = "auditlog"
            db_table = TABLE
            managed = False

    return OldEntry.objects.order_by("pk")


def _batches(rows):
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        yield batch
        last = batch[-1].pk


def _copy(apps, batch, alias):
    kinds = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(alias)
        .in_bulk({row.content_type_id for row in batch})
    )
    places = {
        pk: _places(apps, kind, [row for row in batch if row.content_type_id == pk]) for pk, kind in kinds.items()
    }
    entries = apps.get_model("patients", "AuditEntry").objects.using(alias)
    return len(entries.bulk_create(_entry(entries.model, row, places[row.content_type_id]) for row in batch))


def _places(apps, kind, batch):
    """Site and patient of the rows that the batch speaks of, by primary key. A row that is gone is not among them."""
    label = f"{kind.app_label}.{kind.model}"
    if label not in PLACES:
        return {}
    rows = apps.get_model(label).objects.using(kind._state.db).filter(pk__in={int(row.object_pk) for row in batch})
    found = rows.order_by().values("pk", *filter(None, PLACES[label]))
    return {row["pk"]: tuple(row.get(name) for name in PLACES[label]) for row in found}


def _entry(model, row, places):
    details = dict(row.additional_data or {})
    verb = str(details.pop("verb", "changed"))[:80]
    pk = int(row.object_pk)
    if pk not in places:
        details.setdefault("name", row.object_repr)
    site, patient = places.get(pk, (None, None))
    return model(
        at=row.timestamp,
        by_id=row.actor_id,
        site_id=site,
        patient_id=patient,
        content_type_id=row.content_type_id,
        object_id=pk,
        verb=verb,
        details=details,
    )


class Migration(migrations.Migration):
    """It does not go back: the old table is not made again."""

    dependencies = [
        ("patients", "0006_audit_entries"),
        ("reminders", "0008_messages_added_by_surgeons"),
    ]

    operations = [migrations.RunPython(carry_over, elidable=True)]
