"""What can be done to a stage. Each breaks one thing, heals it after a moment, and says whether it landed."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import psycopg

from reminders.delivery import waits
from tests.fakes import twilio_peer as peer
from tests.faults.stage import Stage
from tests.faults.world import FaultPatient
from tests.processes.running import ChildProcess
from tests.waiting import until

LONGER_THAN_A_LEASE = waits.LEASE.total_seconds() + 1
ANSWERS = [  # by which the provider leaves us in doubt, or tells us plainly
    "ok_then_close", "hang_after_accept", "hang_before_accept", "http:500/20500", "http:502", "http:503",
    "http:503/20503/1", "http:429/20429/1", "http:401/20003", "http:302", "bad_json", "empty_200", "slow:0.3",
    "callback_first", "kill:ok", "kill:hang_before_accept",
]  # fmt: skip
MAIL_ANSWERS = [  # what is asked for is refused for now or for good, cut off, or taken and never answered
    "451", "data:451", "data:554", "greeting:421", "close_before_data", "close_after_data", "hang_before_data",
    "hang_after_data",
]  # fmt: skip
REFUSALS = ["http:400/21610", "http:400/21614", "http:400/99999"]  # of one number


class FaultInjector:
    """`chance` decides on whom it falls; the same seed chooses the same."""

    def __init__(self, stage: Stage, people: list[FaultPatient], chance: Random) -> None:
        self.stage, self.people, self.chance = stage, people, chance

    def faults(self) -> list[Callable[[], bool]]:
        """What to choose from; what is named twice comes twice as often."""
        return [
            self.one_child_killed,
            self.one_child_killed,
            self.a_worker_killed,
            self.a_workers_parent_killed,
            self.a_worker_asked_to_end,
            self.a_worker_stopped_longer_than_a_lease,
            self.the_clock_killed,
            self.a_second_clock,
            self.the_web_killed,
            self.everything_killed,
            self.redis_emptied,
            self.redis_emptied,
            self.redis_killed,
            self.redis_paused,
            self.sessions_ended,
            self.sessions_ended,
            self.postgres_killed,
            self.postgres_read_only,
            self.the_provider_answers_badly,
            self.the_provider_answers_badly,
            self.the_provider_answers_badly,
            self.the_provider_refuses_one,
            self.the_provider_refuses_connections,
            self.the_provider_never_picks_up,
            self.the_providers_list_fails,
        ]

    def mail_faults(self) -> list[Callable[[], bool]]:
        """Where people are reached by e-mail too."""
        return [
            self.the_mail_server_answers_badly,
            self.the_mail_server_answers_badly,
            self.the_mail_server_refuses_one,
            self.the_mail_server_killed,
        ]

    # Processes

    def one_child_killed(self) -> bool:
        children = self._worker().children()
        return bool(children) and peer.kill(self.chance.choice(children))

    def a_worker_killed(self) -> bool:
        return self._end(self._worker(), signal.SIGKILL, everybody=True)

    def a_workers_parent_killed(self) -> bool:
        return self._end(self._worker(), signal.SIGKILL)

    def a_worker_asked_to_end(self) -> bool:
        return self._end(self._worker(), signal.SIGTERM)

    def a_worker_stopped_longer_than_a_lease(self) -> bool:
        worker, pid = (chosen := self._worker()), chosen.popen.pid
        worker.send(signal.SIGSTOP, everybody=True)
        time.sleep(LONGER_THAN_A_LEASE)
        worker.send(signal.SIGCONT, everybody=True)
        return worker.popen.pid == pid

    def the_clock_killed(self) -> bool:
        return self._end(self.stage.beat, signal.SIGKILL, everybody=True)

    def a_second_clock(self) -> bool:
        second = self.stage.machine.second_beat()
        alive = second.alive and self.stage.beat.alive
        second.kill()
        self.stage.machine.programs.remove(second)
        return alive

    def the_web_killed(self) -> bool:
        return self._end(self.stage.web, signal.SIGKILL, everybody=True)

    def everything_killed(self) -> bool:
        """A power cut: all programs at once, the database with them, Redis empty afterwards."""
        self.stage.postgres.kill()
        ended = [self._end(program, signal.SIGKILL, everybody=True) for program in self.stage.programs().values()]
        self.stage.redis.kill()
        self.stage.redis.start()
        self.stage.postgres.start()
        return all(ended)

    def _worker(self) -> ChildProcess:
        return self.chance.choice(self.stage.workers)

    def _end(self, program: ChildProcess, sign: signal.Signals, *, everybody: bool = False) -> bool:
        was_there = program.alive
        program.send(sign, everybody=everybody)
        return was_there

    # Redis

    def redis_emptied(self) -> bool:
        self.stage.redis.flush()
        return True

    def redis_killed(self) -> bool:
        """It comes back empty."""
        self.stage.redis.kill()
        time.sleep(1)
        self.stage.redis.start()
        return True

    def redis_paused(self) -> bool:
        return self.stage.redis.ask("CLIENT PAUSE 3000 ALL") == "+OK"

    # PostgreSQL

    def sessions_ended(self) -> bool:
        ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s AND client_port > 0"
        try:
            with psycopg.connect(self.stage.servers.address("postgres"), autocommit=True) as session:
                row = session.execute(ended, [self.stage.name]).fetchone()
        except psycopg.OperationalError:
            return False
        return bool(row and row[0])

    def postgres_killed(self) -> bool:
        """Its own crash, `pg_ctl stop -m immediate`; it recovers from its log."""
        self.stage.postgres.kill()
        time.sleep(1)
        self.stage.postgres.start()
        return True

    def postgres_read_only(self) -> bool:
        with read_only(self.stage):
            time.sleep(2)
        return True

    # The provider

    def the_provider_answers_badly(self) -> bool:
        return self._for_a_while(behaviour=self.chance.choice(ANSWERS), healed={"behaviour": "ok"})

    def the_provider_refuses_one(self) -> bool:
        phone = self.chance.choice([person.phone for person in self.people if person.phone])
        self.stage.provider.behave(self.chance.choice(REFUSALS), to=phone, times=1)
        return True

    def the_provider_refuses_connections(self) -> bool:
        return self._for_a_while(door="shut", healed={"door": "open"})

    def the_provider_never_picks_up(self) -> bool:
        return self._for_a_while(door="full", healed={"door": "open"})

    def the_providers_list_fails(self) -> bool:
        return self._for_a_while(reads="http:503", healed={"reads": "ok"})

    # The mail server

    def the_mail_server_answers_badly(self) -> bool:
        self.stage.mail.behave(self.chance.choice(MAIL_ANSWERS))
        time.sleep(self.chance.uniform(1, 2))
        self.stage.mail.behave("ok")
        return True

    def the_mail_server_refuses_one(self) -> bool:
        addresses = [person.mail for person in self.people if person.mail]
        self.stage.mail.behave("550 5.1.1", to=self.chance.choice(addresses), times=1)
        return True

    def the_mail_server_killed(self) -> bool:
        self.stage.mail.kill()
        time.sleep(1)
        self.stage.mail.start()
        return True

    def _for_a_while(self, *, healed: dict[str, str], **wish: str) -> bool:
        self.stage.provider.wish(**wish)
        time.sleep(self.chance.uniform(1, 2))
        self.stage.provider.wish(**healed)
        return True


@contextmanager
def read_only(stage: Stage) -> Iterator[None]:
    """As with a full disk: nothing can be committed."""
    stage.servers.ask("ALTER SYSTEM SET default_transaction_read_only = on")
    stage.servers.ask("SELECT pg_reload_conf()")
    try:
        _wait_until_nobody_can_write(stage)
        yield
    finally:
        stage.servers.ask("ALTER SYSTEM RESET default_transaction_read_only")
        stage.servers.ask("SELECT pg_reload_conf()")


def _asked(stage: Stage, question: str, *values: object) -> Any:
    with stage.session() as session:
        return session.execute(question, values).fetchone()


def _wait_until_nobody_can_write(stage: Stage) -> None:
    """New sessions cannot, so the old ones have been told; then those transactions end that were open by then."""
    until(lambda: _asked(stage, "SHOW default_transaction_read_only") == ("on",), what="the server is read-only")
    since = _asked(stage, "SELECT clock_timestamp()")
    older = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start < %s"
    until(lambda: _asked(stage, older, *since) == (0,), what="the last transactions that could write are over")


def name_of(fault: Callable[[], bool]) -> str:
    return fault.__name__.replace("_", " ")
