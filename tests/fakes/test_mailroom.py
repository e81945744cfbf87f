"""The mail server as a process: it writes down what came before it answers, and comes back where it was."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.faults.postbox import Postbox
from tests.waiting import HUNG

LINK = "https://clinic.example.org/p/u/" + 60 * "x"  # too long for one line with its name
ANA, BEN = "ana@example.org", "ben@example.org"


@pytest.fixture
def box(tmp_path) -> Iterator[Postbox]:
    box = Postbox(tmp_path / "mails.jsonl")
    yield box
    box.stop()


def post(box: Postbox, to: str, number: int) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "care@example.org", to, f"<{number}@example.org>"
    mail["List-Unsubscribe"] = f"<{LINK}>"
    mail.set_content("Walk a little today.")
    with smtplib.SMTP("127.0.0.1", box.port, timeout=HUNG) as server:
        server.send_message(mail)


def test_what_it_took_is_in_its_ledger(box):
    post(box, ANA, 1)

    [line] = box.ledger()
    assert line["List-Unsubscribe"] == f"<{LINK}>"
    assert (line["to"], line["Message-ID"], line["taken"], line["mode"]) == (ANA, "<1@example.org>", True, "ok")


def test_one_address_is_refused_so_often_and_the_others_are_not(box):
    box.behave("550 5.1.1", to=ANA, times=1)

    with pytest.raises(smtplib.SMTPRecipientsRefused):
        post(box, ANA, 1)
    post(box, BEN, 2)
    post(box, ANA, 3)

    assert [(line["to"], line["taken"]) for line in box.ledger()] == [(ANA, False), (BEN, True), (ANA, True)]


def test_a_mail_turned_away_was_not_taken_and_one_cut_off_afterwards_was(box):
    box.behave("data:451")
    with pytest.raises(smtplib.SMTPDataError):
        post(box, ANA, 1)
    box.behave("close_after_data")
    with pytest.raises((smtplib.SMTPException, OSError)):
        post(box, ANA, 2)

    assert [(line["Message-ID"], line["taken"]) for line in box.ledger()] == [
        ("<1@example.org>", False),
        ("<2@example.org>", True),
    ]


def test_after_a_power_cut_it_has_the_same_address_and_the_same_ledger(box):
    box.behave("451")
    box.kill()
    box.start()

    post(box, ANA, 1)

    assert [line["taken"] for line in box.ledger()] == [True]
