"""Moments as an operator types them."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime


def moment(typed: str) -> datetime:
    """In UTC. Without a zone it is read as UTC, as everywhere in the logs and the database."""
    try:
        read = datetime.fromisoformat(typed)
    except ValueError:
        raise ArgumentTypeError(f"{typed!r} is not a date and time. Write it like 2026-11-24T08:00Z.") from None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
