"""Authentication and permissions: a token or a browser session, and the role at a site."""

from typing import Any

from django.core.exceptions import PermissionDenied
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from patients.models import Site, StaffMember


class TokenSignIn(TokenAuthentication):
    """Token sign-in: hashed, expiring tokens; an unreadable one is refused like any other."""

    def authenticate_credentials(self, token: bytes) -> Any:
        """Refuse a token of other letters before it is looked up: 401, not 500."""
        if not token.isascii() or not token.replace(b"_", b"").isalnum():
            raise AuthenticationFailed("This token is not valid. Sign in again.")
        return super().authenticate_credentials(token)  # type: ignore[no-untyped-call]


def staff(request: Request) -> StaffMember:
    """The staff member who asks; for views that require sign-in."""
    if not isinstance(request.user, StaffMember):
        raise PermissionDenied("Sign in first.")
    return request.user


def require_decider(request: Request, site: Site, *, to: str) -> StaffMember:
    """Require a surgeon or manager of this site; a role at another site does not count."""
    me = staff(request)
    if not me.decides_at(site):
        raise PermissionDenied(f"Only a surgeon or a manager of {site} can {to}. Ask one of them.")
    return me
