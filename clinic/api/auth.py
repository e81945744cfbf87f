"""Sign in and out: name and password in, a token out that is stored hashed and ends by itself."""

from hashlib import sha256
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from clinic.api.access import TokenSignIn, staff
from clinic.api.fields import Nothing, Strict, Text


class TriesByAddress(SimpleRateThrottle):
    """Limits tries by address, in Django's cache. In local memory each web process counts for itself, so the limit
    is at most that many times the number of processes; a shared cache makes it one. No Redis is needed either way."""

    scope = "sign-in by address"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return self.cache_format % {"scope": "sign-in-address", "ident": _hashed(self.get_ident(request))}


class TriesByName(SimpleRateThrottle):
    """Limits guesses at one person's password from many addresses."""

    scope = "sign-in by name"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        name = request.data.get("username") if isinstance(request.data, dict) else None
        if not isinstance(name, str):
            return None
        return self.cache_format % {"scope": "sign-in-name", "ident": _hashed(name.casefold())}


def _hashed(text: str | None) -> str:
    """Names and addresses of people do not lie about in a cache."""
    return sha256((text or "").encode()).hexdigest()


class Credentials(Strict):
    username = Text(max_length=150)
    password = Text(max_length=128, trim_whitespace=False, style={"input_type": "password"})


class TokenAnswer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Shown once: only its hash is kept.")
    expires_at = serializers.DateTimeField()


class SignIn(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [TriesByAddress, TriesByName]

    @extend_schema(tags=["auth"], operation_id="sign_in", request=Credentials, responses={201: TokenAnswer})
    def post(self, request: Request) -> Response:
        """Sign in: answers with a token that ends after 12 hours. After a few tries a minute: 429 with Retry-After."""
        given = Credentials(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request._request, **given.validated_data)
        if user is None:
            raise AuthenticationFailed("The name or the password is wrong. After a few tries, wait a minute.")
        row, token = AuthToken.objects.create(user=user)
        user_logged_in.send(sender=type(user), request=request._request, user=user)
        return Response(TokenAnswer({"token": token, "expires_at": row.expiry}).data, status.HTTP_201_CREATED)

    def get_authenticate_header(self, request: Request) -> str:
        return str(TokenSignIn().authenticate_header(request))  # type: ignore[no-untyped-call]


class SignOut(APIView):
    authentication_classes = [TokenSignIn]

    @extend_schema(tags=["auth"], operation_id="sign_out", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Revoke the token this request carries."""
        _nothing(request)
        request.auth.delete()
        user_logged_out.send(sender=type(request.user), request=request._request, user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SignOutEverywhere(APIView):
    @extend_schema(tags=["auth"], operation_id="sign_out_everywhere", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Revoke all your tokens: do this when one may have leaked."""
        _nothing(request)
        with transaction.atomic():
            AuthToken.objects.filter(user=staff(request)).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


def _nothing(request: Request) -> None:
    Nothing(data=request.data or {}).is_valid(raise_exception=True)
