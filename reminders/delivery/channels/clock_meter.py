"""How far our clock is ahead of a provider's, measured from its answers. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SECOND = timedelta(seconds=1)  # providers tell whole seconds


class ClockMeter:
    """`ahead` is negative where our clock is behind, and None until something was measured."""

    def __init__(self) -> None:
        self.ahead: timedelta | None = None

    def note(self, there: datetime, *, asked: datetime, answered: datetime) -> None:
        """Somewhen between `asked` and `answered` the provider's clock stood within the second that begins at `there`.

        Of all that fits the smallest difference counts, so that a slow answer is no wrong clock.
        """
        least, most = asked - there - SECOND, answered - there
        self.ahead = max(least, min(most, timedelta()))

    def note_header(self, date: str, *, asked: datetime, answered: datetime) -> None:
        """The `Date` of an answer; one that cannot be read, or has no zone, says nothing."""
        try:
            there = parsedate_to_datetime(date)
        except (ValueError, TypeError):
            return
        if there.tzinfo is not None:
            self.note(there.astimezone(UTC), asked=asked, answered=answered)

    def ours(self, there: datetime | None) -> datetime | None:
        """A moment of the provider's clock, as ours told it."""
        return there + self.ahead if there and self.ahead else there
