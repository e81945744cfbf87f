"""A token for a name and a password; hashed, expiring, revocable; few tries a minute."""

from datetime import timedelta

import pytest
from knox.models import AuthToken
from rest_framework.test import APIClient

from tests.api.problems import problem
from tests.given import PASSWORD

SIGN_IN = "/api/v1/auth/token/"


def test_a_name_and_password_give_a_token_that_works_and_ends(owner):
    answer = APIClient().post(SIGN_IN, {"username": owner.username, "password": PASSWORD})

    assert answer.status_code == 201
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {answer.json()['token']}")
    assert client.get("/api/v1/sites/").status_code == 200
    AuthToken.objects.update(expiry=AuthToken.objects.get().created - timedelta(seconds=1))
    assert client.get("/api/v1/sites/").status_code == 401


def test_only_the_hash_of_a_token_is_kept(owner):
    token = APIClient().post(SIGN_IN, {"username": owner.username, "password": PASSWORD}).json()["token"]

    row = AuthToken.objects.get()

    assert token not in (row.digest, row.token_key)
    assert len(row.digest) == 128


def test_a_revoked_token_is_dead_and_others_live_on(owner, as_):
    one, other = as_(owner), as_(owner)

    assert one.post("/api/v1/auth/token/revoke/").status_code == 204

    assert one.get("/api/v1/sites/").status_code == 401
    assert other.get("/api/v1/sites/").status_code == 200


def test_all_tokens_can_be_revoked_at_once(owner, as_):
    one, other = as_(owner), as_(owner)

    assert one.post("/api/v1/auth/token/revoke-all/").status_code == 204

    assert other.get("/api/v1/sites/").status_code == 401


def test_a_wrong_password_is_a_401_that_does_not_say_which_part_was_wrong(owner):
    wrong = APIClient().post(SIGN_IN, {"username": owner.username, "password": "not this one"})
    nobody = APIClient().post(SIGN_IN, {"username": "nobody", "password": "not this one"})

    assert problem(wrong, 401) == problem(nobody, 401)


def test_somebody_who_left_cannot_sign_in_and_their_token_is_dead(owner, as_):
    client = as_(owner)
    owner.is_active = False
    owner.save()

    assert client.get("/api/v1/sites/").status_code == 401
    assert APIClient().post(SIGN_IN, {"username": owner.username, "password": PASSWORD}).status_code == 401


def test_guessing_one_persons_password_is_slowed_down_and_told_when_to_try_again(owner):
    tries = [APIClient().post(SIGN_IN, {"username": owner.username, "password": "guess"}) for _ in range(11)]

    assert [t.status_code for t in tries] == [401] * 10 + [429]
    assert 1 <= int(tries[-1].headers["Retry-After"]) <= 61
    assert problem(tries[-1], 429)["type"] == "urn:aftercare:problem:too-many-requests"


def test_guessing_many_names_from_one_address_is_slowed_down_whatever_it_claims_to_be(db):
    tries = [
        APIClient(HTTP_X_FORWARDED_FOR=f"192.0.2.{n}").post(SIGN_IN, {"username": f"n{n}", "password": "guess"})
        for n in range(21)
    ]

    assert tries[-1].status_code == 429


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer a b", "Bearer wrong", "Bearer \xe9", "Bearer care_\x00", "Token x"]
)
def test_a_token_that_is_none_is_a_401(owner, header):
    answer = APIClient(HTTP_AUTHORIZATION=header).get("/api/v1/sites/")

    assert problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_browser_session_may_read_and_needs_the_csrf_token_to_write(owner, surgery):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(owner)

    assert browser.get(f"/api/v1/surgeries/{surgery.pk}/").status_code == 200
    assert problem(browser.post(f"/api/v1/surgeries/{surgery.pk}/cancel/", {"why": "x"}), 403)


@pytest.mark.parametrize(
    "path",
    ["patients", "surgeries", "reminders", "check-ups", "protocols", "procedures", "sites", "surgeries/1/schedule"],
)
def test_nothing_is_shown_to_somebody_who_did_not_sign_in(db, path):
    assert problem(APIClient().get(f"/api/v1/{path}/"), 401)
