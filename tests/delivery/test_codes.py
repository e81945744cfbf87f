import pytest

from reminders.delivery.codes import CODES, ROWS, Action, Class, Where, look_up


@pytest.mark.parametrize(
    ("number", "where", "cls", "action"),
    [
        (401, "S", Class.ACCOUNT, Action.PAUSE_ACCOUNT),
        (20003, "S", Class.ACCOUNT, Action.PAUSE_ACCOUNT),
        (30002, "C", Class.ACCOUNT, Action.PAUSE_ACCOUNT),
        (20429, "S", Class.NOT_PROCESSED, Action.WAIT),
        (20500, "S", Class.AMBIGUOUS, Action.FIND_OUT),
        (30410, "C", Class.AMBIGUOUS, Action.FIND_OUT),
        (21211, "S", Class.PERMANENT, Action.MARK_INVALID),
        (21608, "S", Class.ACCOUNT, Action.HOLD_SITE),
        (21610, "S", Class.OPTED_OUT, Action.OPT_OUT),
        (21610, "C", Class.OPTED_OUT, Action.OPT_OUT),
        (21614, "S", Class.LANDLINE, Action.MARK_LANDLINE),
        (21660, "S", Class.ACCOUNT, Action.PAUSE_SENDER),
        (30003, "C", Class.TEMPORARY, Action.RETRY),
        (30006, "C", Class.LANDLINE, Action.MARK_LANDLINE),
        (30007, "C", Class.PERMANENT, Action.GIVE_UP_AND_WATCH),
        (30008, "C", Class.TEMPORARY, Action.RETRY_ONCE),
        (30034, "C", Class.ACCOUNT, Action.PAUSE_SENDER),
        (30036, "C", Class.EXPIRED, Action.EXPIRE),
        (11200, "W", Class.ALARM, Action.ALERT_AND_RECONCILE),
        (535, "M", Class.ACCOUNT, Action.PAUSE_ACCOUNT),
        (550, "M", Class.PERMANENT, Action.MARK_INVALID),
    ],
)
def test_each_code_causes_what_the_table_says(number, where, cls, action):
    code = look_up(number, where)

    assert (code.cls, code.action, code.known) == (cls, action, True)


@pytest.mark.parametrize("where", ["S", "C"])
def test_an_unknown_code_costs_one_late_retry_and_is_marked_unknown(where):
    code = look_up(99999, where)

    assert (code.known, code.retries, code.minutes_apart) == (False, 1, 30)


def test_a_twilio_code_in_an_unexpected_place_keeps_its_meaning():
    assert look_up(30005, "S").action is Action.MARK_INVALID


def test_an_http_status_is_not_mistaken_for_an_answer_of_a_mail_server():
    assert not look_up(550, "S").known
    assert look_up(599, "M").cls is Class.PERMANENT


@pytest.mark.parametrize(
    ("number", "times", "minutes"),
    [(30003, 2, 30), (30022, 2, 5), (30008, 1, 30), (30007, 0, 0), (30005, 0, 0)],
)
def test_only_what_can_pass_is_tried_again(number, times, minutes):
    code = look_up(number, "C")

    assert (code.retries, code.minutes_apart) == (times, minutes)


def test_no_code_stands_twice_and_every_place_exists():
    assert len(CODES) == sum(len(where) for _, where, *_ in ROWS)
    assert {place for _, place in CODES} == set(Where)
