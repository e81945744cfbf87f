"""The fake's harder habits: fates, repeats of callbacks, doors, and killing whoever asks."""

import os
import signal
import subprocess
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import aiohttp
import pytest

from tests.fakes import twilio_peer as peer
from tests.fakes.test_twilio import LOGIN, MESSAGES, post
from tests.fakes.threads import LoopThread
from tests.fakes.twilio_calls import repeated
from tests.fakes.twilio_fate import Mix, Script
from tests.waiting import HUNG, until

HI = b"To=%2B12025550100&From=%2B12025550199&Body=Hi"


def test_a_seed_decides_what_becomes_of_each_message():
    mix = Mix(seed=7, failing={"30003": 0.3, "30005": 0.2}, lost=0.2, doubled=0.3, shuffled=0.3)
    fates = [mix.fate(f"+1202555{n:04d}/1") for n in range(400)]

    ends = [fate.life[-1][1:] for fate in fates]
    assert fates == [mix.fate(f"+1202555{n:04d}/1") for n in range(400)]
    assert 60 < ends.count(("undelivered", 30003)) < 180
    assert 40 < sum(not fate.tells for fate in fates) < 130
    assert all(len(fate.tells) in (0, 3, 4) for fate in fates)


def test_lost_callbacks_hide_the_end_and_the_list_still_shows_it():
    unheard = Script(ends="undelivered", code=30005, heard=False).fate("")

    assert unheard.tells == []
    assert unheard.life[-1] == (0.2, "undelivered", 30005)


@pytest.mark.parametrize(
    ("status", "wanted", "again"),
    [(204, "all", False), (503, "5xx", True), (503, "ct", False), (0, "ct", True), (0, "rt", True), (403, "all", True)],
)
def test_a_callback_is_repeated_when_its_address_asks_for_it(status, wanted, again):
    assert repeated(status, wanted) is again


class Busy:
    """Answers 503 a few times, then 204."""

    def __init__(self, refusals: int) -> None:
        self.refusals, self.asked = refusals, 0
        self.thread = LoopThread()
        self.port = self.thread.run(self._start())

    async def _start(self) -> int:
        self.runner = aiohttp.web.ServerRunner(aiohttp.web.Server(self._answer), shutdown_timeout=0.1)
        await self.runner.setup()
        await aiohttp.web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return self.runner.addresses[0][1]

    async def _answer(self, request: aiohttp.web.BaseRequest) -> aiohttp.web.Response:
        self.asked += 1
        self.host = request.host
        return aiohttp.web.Response(status=503 if self.asked <= self.refusals else 204)

    def stop(self) -> None:
        self.thread.run(self.runner.cleanup())
        self.thread.stop()


def test_a_busy_web_is_called_again_at_its_own_address_under_the_public_name(twilio):
    web = Busy(refusals=2)
    twilio.api.calls.web = f"http://127.0.0.1:{web.port}"
    try:
        status = twilio.thread.run(twilio.api.calls.post("https://clinic.example.org/in/#rc=5&rp=all", {"a": "b"}))
    finally:
        web.stop()

    assert (status, web.asked, web.host) == (204, 3, "clinic.example.org")


def test_a_text_that_nobody_took_is_on_the_list_all_the_same(twilio):
    status = twilio.text_in("http://127.0.0.1:9/in/", From="+12025550100", To="+12025550199", Body="STOP")

    [message] = twilio.api.messages.values()
    assert (status, message["direction"]) == (0, "inbound")
    assert '"STOP"' in twilio.api.calls.heard.read_text()


def test_its_door_can_be_shut_full_and_open_again(twilio):
    def knock(patience: float) -> str:
        try:
            ask = Request(twilio.url + MESSAGES, headers={"Authorization": LOGIN})  # noqa: S310
            urlopen(ask, timeout=patience).close()  # noqa: S310
        except URLError as error:
            return type(error.reason).__name__
        return "in"

    found = []
    for state, patience in (("shut", HUNG), ("full", 0.5), ("open", HUNG)):
        twilio.thread.run(twilio.api.doors.put(state))
        found.append(knock(patience))

    assert found == ["ConnectionRefusedError", "TimeoutError", "in"]


ASK = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], data=sys.argv[2].encode(), headers={"Authorization": sys.argv[3]})
urllib.request.urlopen(request)
"""


def test_it_kills_whoever_asks_and_keeps_the_message(twilio):
    twilio.behave("kill:ok", times=None)

    asking = subprocess.run(
        [sys.executable, "-c", ASK, twilio.url + MESSAGES, HI.decode(), LOGIN], timeout=HUNG, check=False
    )

    [line] = until(lambda: twilio.ledger, what="it has written that down")  # it goes on after the kill
    assert asking.returncode == -signal.SIGKILL
    assert line["sid"] in twilio.api.messages
    assert line["pid"] != os.getpid()


def test_who_knocks_on_a_full_door_can_be_told(twilio):
    twilio.thread.run(twilio.api.doors.put("full"))
    with subprocess.Popen([sys.executable, "-c", ASK, twilio.url + MESSAGES, HI.decode(), LOGIN]) as asking:
        try:
            found = until(lambda: peer.knocking(twilio.api.doors.port), what="somebody knocks")
        finally:
            asking.kill()

    assert found == {asking.pid}
    assert twilio.ledger == []


def test_reads_may_fail_while_messages_are_taken(twilio):
    twilio.api.reads = "http:503"

    assert post(twilio.url + MESSAGES, HI, Authorization=LOGIN) == 201
    with pytest.raises(HTTPError, match="503"):
        urlopen(Request(twilio.url + MESSAGES, headers={"Authorization": LOGIN}), timeout=HUNG)  # noqa: S310
