"""What docs/protocols.md says of the limits is what the command says."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests import given

DOCS = Path(__file__).parents[1] / "docs" / "protocols.md"
CODES = ["miss-base", "decompression", "fusion", "vertebroplasty", "si-fusion"]


def changed(code: str, channels: str) -> str:
    out = StringIO()
    facts = {"date": "2026-03-02", "therapy": "ordered", "job": "desk", "channels": channels}
    call_command("simulate", protocol=code, limits=True, stdout=out, **facts)
    return "; ".join(out.getvalue().splitlines()[1:])


@pytest.mark.django_db
def test_the_page_lists_what_the_default_limits_change_in_each_shipped_protocol():
    given.a_site(**given.DEFAULT_BUDGET)
    rows = [(code, channels) for code in CODES for channels in ("sms,email", "sms")]

    expected = "\n".join(f"| {code} | {channels} | {changed(code, channels)} |" for code, channels in rows)

    assert expected in DOCS.read_text(), f"docs/protocols.md should have:\n{expected}"
