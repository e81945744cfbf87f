"""Start-up checks: what would send nothing, the wrong thing, or in the open. Each has an id and a hint."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from clinic import broker as redis

TWILIO = ["TWILIO_ACCOUNT_SID", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_AUTH_TOKEN"]


@register()
def messages(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return list(_messages())


def _messages() -> Iterator[CheckMessage]:
    if settings.MESSAGES not in ("outbox", "live"):
        yield Error(f"MESSAGES is {settings.MESSAGES!r}.", hint="Set it to outbox or live.", id="aftercare.E001")
    if settings.MESSAGES != "live":
        return
    if settings.DEMO:
        yield Error("A demo must not send messages.", hint="Set DEMO=false or MESSAGES=outbox.", id="aftercare.E002")
    if missing := [name for name in TWILIO if not getattr(settings, name)]:
        yield Error(
            f"Texts cannot be sent: {', '.join(missing)} not set.",
            hint="Copy them from the Twilio console; the auth token checks what Twilio sends to us.",
            id="aftercare.E003",
        )
    if settings.WAITS_SCALE != 1 and not settings.TWILIO_API_URL:
        yield Error(
            "WAITS_SCALE shortens the waits that keep a text from being sent twice.",
            hint="Leave it unset: it is for fault tests against a fake provider (TWILIO_API_URL).",
            id="aftercare.E005",
        )
    if settings.EMAIL_BACKEND.startswith("anymail.") and not _has_secret():
        yield Error(
            "The mail service cannot report bounces and complaints: ANYMAIL has no WEBHOOK_SECRET.",
            hint='Add "WEBHOOK_SECRET": "a-name:a-long-password" to ANYMAIL, and give both to the mail service\'s '
            "webhook as its basic authentication.",
            id="aftercare.E007",
        )
    if not settings.SECURE:
        yield Error(
            f"PUBLIC_URL is {settings.PUBLIC_URL}: patients' pages would be sent unencrypted.",
            hint="Set PUBLIC_URL to the https address by which patients and Twilio reach this server.",
            id="aftercare.E004",
        )


def _has_secret() -> bool:
    """As basic authentication needs it: a name, a colon, a password; or several, while one is rotated."""
    given: Any = settings.ANYMAIL.get("WEBHOOK_SECRET") or ""
    secrets = [given] if isinstance(given, str) else list(given)
    return bool(secrets) and all(re.fullmatch(r"[^:]+:.{12,}", str(secret)) for secret in secrets)


@register(Tags.security, deploy=True)
def service(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEMO:
        hint = "Set DEMO=false: its passwords are public and its clock can be moved."
        return [Warning("This is a demo.", hint=hint, id="aftercare.W001")]
    return []


@register(Tags.security, deploy=True)
def broker(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Only with `check --deploy`: a second timer must sweep whatever Redis does. `/health/` checks it all the time."""
    if any(warning.kind == "redis_policy" for warning in redis.warnings()):
        hint = "Set maxmemory-policy noeviction in Redis' configuration, and give Aftercare a Redis of its own."
        return [Error("Redis may drop waiting tasks when its memory is short.", hint=hint, id="aftercare.E006")]
    return []
