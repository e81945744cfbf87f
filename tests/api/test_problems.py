"""Every refusal is a problem document; nothing sent can make the server stumble."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import Client
from rest_framework.exceptions import Throttled

from clinic.api import problems
from tests.api.problems import named, problem

PATIENTS = "/api/v1/patients/"


def raw(client, body, content_type="application/json"):
    return client.generic("POST", PATIENTS, body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    ["{", "[1,", '{"a": NaN}', b"\xff\xfe", '{"a": "\\ud800"}', "[" * 100_000, '{"a": ' + "9" * 5000 + "}"],
)
def test_a_body_that_is_not_json_is_refused_without_being_quoted(as_, owner, body):
    document = problem(raw(as_(owner), body), 400)

    assert "JSON" in document["detail"]


@pytest.mark.parametrize("body", ["[]", "5", "null", '"text"', "true"])
def test_a_body_that_is_no_object_is_refused(as_, owner, body):
    problem(raw(as_(owner), body), 400)


def test_a_body_that_is_too_large_is_refused(as_, owner):
    problem(raw(as_(owner), '{"a": "' + "x" * 3_000_000 + '"}'), 413)


def test_anything_but_json_is_refused(as_, owner):
    problem(raw(as_(owner), "a=1", "application/x-www-form-urlencoded"), 415)
    problem(as_(owner).get(PATIENTS, HTTP_ACCEPT="text/html"), 406)


def test_a_verb_an_address_does_not_know_is_a_405(as_, owner, surgery):
    problem(as_(owner).delete(f"/api/v1/surgeries/{surgery.pk}/"), 405)
    problem(as_(owner).patch(f"/api/v1/patients/{surgery.patient_id}/", {}), 405)


@pytest.mark.parametrize("path", ["", "patients", "patients/abc/", "nothing/", "surgeries/1.5/", "patients/%00/"])
def test_an_address_that_leads_nowhere_says_so(as_, owner, path):
    assert "slash" in problem(as_(owner).get(f"/api/v1/{path}"), 404)["detail"]


def test_an_id_beyond_any_row_is_a_404(as_, owner):
    problem(as_(owner).get(f"{PATIENTS}{10**30}/"), 404)


def test_several_mistakes_are_named_at_once(as_, owner):
    wrong = named(as_(owner).post(PATIENTS, {"numbr": "A-1", "language": "english"}))

    assert {"#/numbr", "#/language", "#/site", "#/number", "#/birth_date"} <= set(wrong)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValidationError("It is too late."), 409),
        (ValidationError({"date": "Check the year."}), 400),
        (ValidationError({"__all__": ["Not both."]}), 400),
        (PermissionDenied("Ask a surgeon."), 403),
        (PermissionDenied(), 403),
        (Http404(), 404),
        (Throttled(wait=9.5), 429),
        (problems.Conflict("It was cancelled."), 409),
        (problems.BadQuery({"page_size": ["1 to 200."]}), 400),
    ],
)
def test_every_kind_of_error_becomes_a_problem_document(error, status):
    answer = problems.answer(error, {})

    assert answer.status_code == answer.data["status"] == status
    assert answer.content_type == "application/problem+json"
    assert answer.data["detail"]


def test_a_throttled_caller_is_told_when_to_come_back():
    assert problems.answer(Throttled(wait=9.5), {}).headers["Retry-After"] == "10"


def test_pointers_follow_rfc_6901():
    assert problems.pointer(("contacts", "0", "a/b~c d")) == "#/contacts/0/a~1b~0c%20d"


def test_what_nobody_foresaw_is_logged_and_shows_no_trace(caplog):
    answer = problems.answer(RuntimeError("secret detail"), {})

    assert answer.status_code == 500
    assert "secret" not in str(answer.data)
    assert "Unforeseen" in caplog.text


def test_the_docs_load_no_file_from_another_host(db):
    page = Client().get("/api/v1/docs/").content.decode()

    files = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(files) >= 4
    for file in files:
        assert file.startswith("/static/"), file
        assert finders.find(file.removeprefix("/static/")), file
    assert '"validatorUrl": null' in page
    assert not re.findall(r"https?://(?!testserver)", page)
