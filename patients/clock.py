"""The one place that reads the clock. Only entry points (views, tasks, commands) call it; all else takes `now`."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """UTC, aware. A demo's clock may run ahead: `fastforward` leaves it where it stopped."""
    return timezone.now() + shift()


def shift() -> timedelta:
    """How far the demo's clock runs ahead; zero outside a demo."""
    if not settings.DEMO:
        return timedelta()
    path = shift_file()
    return timedelta(seconds=float(path.read_text())) if path.exists() else timedelta()


def set_shift(shift: timedelta) -> None:
    """Set how far the demo's clock runs ahead. Raises RuntimeError outside a demo."""
    if not settings.DEMO:
        raise RuntimeError("Only a demo's clock can be moved. Set DEMO=1 on a machine without real patients.")
    shift_file().write_text(str(shift.total_seconds()))


def shift_file() -> Path:
    """Where the demo's shift is kept, in seconds."""
    return Path(settings.VAR_DIR) / "demo-clock"
