"""The command writes a protocol to a file and reads it again, and says in a sentence what it cannot do."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from patients.models import Site, StaffMember
from reminders.plan.files.document_rows import export
from reminders.plan.models import Protocol
from tests import given
from tests.plan.protocol_files import SMALL, changed, counts, shipped_version


def test_the_command_writes_a_file_and_reads_it_again(site: Site, surgeon: StaffMember, tmp_path: Path) -> None:
    given.a_signed_version(site, "vertebroplasty", by=surgeon)
    path = tmp_path / "ours.yaml"

    call_command("protocol", "export", "vertebroplasty", site=site.code, to=path)
    call_command("protocol", "import", path, site=site.code, by=surgeon.username)

    draft = Protocol.objects.get(site=site, code="vertebroplasty").versions.get(number=2)
    assert (draft.state, export(draft)) == ("draft", path.read_text("utf-8"))


def test_the_command_writes_to_standard_output_what_it_would_write_to_a_file(site: Site) -> None:
    out = StringIO()

    call_command("protocol", "export", "fusion", site=site.code, version_number=1, stdout=out)

    assert out.getvalue() == export(shipped_version(site, "fusion"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["export", "knees", "--site", "riverside"],
            "has no protocol “knees”. Its protocols are: decompression, fusion",
        ),
        (["export", "fusion", "--site", "nowhere"], "There is no site “nowhere”. The sites are: riverside."),
        (
            ["export", "fusion", "--site", "riverside", "--version-number", "7"],
            "has no version 7. Its versions are: 1.",
        ),
        (["export", "fusion", "--site", "riverside", "--to", "/nowhere/x"], "cannot be written: No such file"),
        (["import", "/nowhere/x", "--site", "riverside", "--by", "ida"], "/nowhere/x cannot be read: No such file"),
        (
            ["import", "x", "--site", "riverside", "--by", "nobody"],
            "no active staff member with the user name “nobody”",
        ),
    ],
)
def test_what_the_command_cannot_do_is_a_sentence_and_a_2(site: Site, words: list[str], said: str) -> None:
    given.a_staff_member(site, username="ida")

    with pytest.raises(CommandError, match=re.escape(said)) as refused:
        call_command("protocol", *words)

    assert refused.value.returncode == 2


def test_the_command_says_everything_that_is_wrong_with_a_file(site: Site, tmp_path: Path) -> None:
    given.a_staff_member(site, username="ida")
    given.a_staff_member(site, "reception", username="rex")
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_text(changed(("    warning: false", "    warning: x"), ("    repeat_days: null", "    repeat_days: 3")))
    good.write_bytes(SMALL)
    before = counts()

    with pytest.raises(CommandError, match=r"(?s)Line \d+.*\nLine \d+"):
        call_command("protocol", "import", bad, site="riverside", by="ida")
    with pytest.raises(CommandError, match="Only a surgeon or a manager"):
        call_command("protocol", "import", good, site="riverside", by="rex")

    assert counts() == before
