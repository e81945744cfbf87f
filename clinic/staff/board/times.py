"""A time as reception types it, in the site's zone."""

from datetime import UTC, datetime

from django.core.exceptions import ValidationError

from patients import validators
from patients.models import Site
from reminders.plan.local_time import moment


def read_local(text: str, site: Site) -> datetime:
    """The typed time in UTC. Raises ValidationError for an unreadable time, and for one that the clocks skip."""
    try:
        local = datetime.strptime(text.strip()[:16], "%Y-%m-%dT%H:%M")  # noqa: DTZ007  the zone is the site's
    except ValueError:
        raise ValidationError("Give a day and a time, such as 2026-03-05T10:00.") from None
    validators.year(local)
    at = moment(local.date(), local.time(), site.zone)
    if at.astimezone(site.zone).replace(tzinfo=None) != local:
        raise ValidationError("The clocks go forward then and skip this time. Choose one an hour later.")
    return at.astimezone(UTC)
