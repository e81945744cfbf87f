"""Who asks: a token or a browser session, and what their role at a site lets them do."""

from typing import Any

from django.core.exceptions import PermissionDenied
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from patients.models import Site, StaffMember


class TokenSignIn(TokenAuthentication):
    """Hashed, expiring tokens; one that cannot even be read is refused like any other."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isascii() or not token.replace(b"_", b"").isalnum():
            raise AuthenticationFailed("This token is not valid. Sign in again.")
        return super().authenticate_credentials(token)  # type: ignore[no-untyped-call]


def staff(request: Request) -> StaffMember:
    """The views behind this are for signed-in people only."""
    if not isinstance(request.user, StaffMember):
        raise PermissionDenied("Sign in first.")
    return request.user


def require_decider(request: Request, site: Site, *, to: str) -> StaffMember:
    """Require a surgeon or manager of this site; a role at another site does not count."""
    me = staff(request)
    if not me.decides_at(site):
        raise PermissionDenied(f"Only a surgeon or a manager of {site} can {to}. Ask one of them.")
    return me
