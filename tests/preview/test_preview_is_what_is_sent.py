"""Promise 14: what a preview shows is what is sent, row by row, for everything that decides about it together."""

from datetime import timedelta
from itertools import islice

import pytest

from reminders.delivery.models import Attempt
from tests.preview import combinations, playing
from tests.preview.combinations import Mode
from tests.preview.playing import START, Case
from tests.size import sized

pytestmark = pytest.mark.django_db
FULL = sized(build=False, full=True)  # all that the protocol says, with all that a clinic does meanwhile
DAYS = sized(build=4, full=60)
EACH = sized(build=5, full=1)  # of the combinations; 5 has no factor in common with how many values anything has


@pytest.mark.long
@pytest.mark.usefixtures("nothing_leaves_the_machine")
def test_what_a_preview_shows_is_what_is_sent_for_every_combination():
    ends, clinics, cases = START + timedelta(days=DAYS), {}, []
    for one in islice(combinations.every(), 0, None, EACH):
        place = one.country, one.mode
        if place not in clinics:
            clinics[place] = playing.a_previewed_clinic(*place, full=FULL)
        cases.append(clinics[place].case(one))
    playing.register([case for number, case in enumerate(cases) if number % 2 or is_known_before(case)])
    for case in cases:
        playing.preview(case, ends)

    playing.enrol(cases)
    (playing.live if FULL else playing.send)(ends)

    real = playing.really([case.surgery for case in cases], ends)
    wrong = {case.combination: found for case in cases if (found := playing.differences(case, real[case.surgery.pk]))}
    assert not wrong, f"{len(wrong)} of {len(cases)}: {next(iter(wrong.items()))}"
    assert_everything_decided_somewhere(cases)


def is_known_before(case: Case) -> bool:
    """Nobody is a trial recipient before they are saved."""
    return case.combination.mode == Mode.TRIAL_RECIPIENT


def assert_everything_decided_somewhere(cases: list[Case]) -> None:
    """What was compared is not nothing."""
    reasons = {one.why for case in cases for one in (*case.told, *case.ended)}
    assert reasons >= {"", "no_consent", "no_contact", "foreign", "same_initials", "trial_mode"}
    assert set(Attempt.objects.values_list("route", flat=True)) == {"outbox", "twilio", "smtp"}
