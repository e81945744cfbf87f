"""A version leaves the protocol editor as a file and comes back as a draft; a bad file leaves nothing."""

import pytest
from django.urls import reverse

from reminders.plan.models import Protocol, ProtocolVersion
from tests.staff.admin_pages import change, text
from tests.staff.editing import SHIPPED, draft, upload, url
from tests.staff.people import people, signed_in

__all__ = ["draft", "people"]
pytestmark = pytest.mark.django_db


def test_a_version_leaves_as_a_file_and_comes_back_as_a_draft(people, draft):
    client = signed_in(people.owner)
    file = client.get(url("protocolversion_export", draft))
    assert file.headers["Content-Disposition"] == 'attachment; filename="vertebroplasty-version-1.yaml"'

    page = reverse("admin:reminders_protocol_import")
    back = client.post(page, {"site": people.site.pk, "taken_as": "version", "file": upload(file.content)})

    new = draft.protocol.versions.get(number=2)
    assert back.headers["Location"] == change(new)
    assert client.get(url("protocolversion_export", new)).content == file.content


def test_a_bad_file_is_answered_in_sentences_and_nothing_is_kept(people):
    client, page = signed_in(people.owner), reverse("admin:reminders_protocol_import")
    before = (Protocol.objects.count(), ProtocolVersion.objects.count())
    files = {
        b"a: &a [x]\nb: *a": "names with &amp; and * are not allowed",
        SHIPPED.replace(b"    kind: check_in\n", b"    kind: chat\n", 1): "step check-in-1: “kind” must be one of",
        b"": "The file is not a protocol.",
    }

    for data, said in files.items():
        response = client.post(page, {"site": people.site.pk, "taken_as": "version", "file": upload(data)})
        assert response.status_code == 422, data[:20]
        assert said in text(response)
        assert "Nothing was imported." in text(response)
    known = client.post(page, {"site": people.site.pk, "taken_as": "new", "file": upload()})

    assert "is the code of" in text(known)
    assert (Protocol.objects.count(), ProtocolVersion.objects.count()) == before
