"""Reception's desk in a run: visits are booked, moved, freed by the API; patients text a 1 and open their page.

One thing at a time, again and again until the program has said yes: what was acknowledged must stand afterwards.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from random import Random
from threading import Event
from time import monotonic, sleep
from typing import Any

from knox.models import AuthToken

from clinic.staff.board.queries import Desk
from patients.models import CheckUp, Membership, Site, StaffMember
from patients.models.staff import Role
from reminders.plan.models import CarePlan
from tests import given
from tests.faults import visits, world
from tests.faults.facts import steady
from tests.faults.stage import Stage
from tests.faults.visits import ANSWER, BOOK, FREE, Visit, VisitDeed
from tests.faults.world import FaultPatient
from tests.waiting import HUNG

EACH = 2  # visits of one person
NEAR, LATER = (5, 12), (20, 60)  # days ahead: the board shows the first; the texts before a visit lie beyond the run
PAUSE = 0.1
A_SECOND = 1.5  # the provider lists whole ones: a 1 within it may be from before the time was chosen


class Reception:
    """`deeds`: what was acknowledged, in order. `wrong`: what was refused for good, which nothing here should be."""

    def __init__(self, stage: Stage, people: list[FaultPatient], *, seed: int) -> None:
        self.stage, self.people, self.chance = stage, list(people), Random(f"reception {seed}")
        self.deeds: list[VisitDeed] = []
        self.wrong: list[str] = []
        self.closing, self.gone = Event(), Event()
        self.busy: dict[int, float] = {}  # with whom, until when
        steady(self._take_up)
        self.pool = ThreadPoolExecutor(1)

    def _take_up(self) -> None:
        """Somebody who works at every site, and the visits they keep."""
        sites = list(Site.objects.order_by("code"))
        self.staff = StaffMember.objects.filter(username="desk").first() or given.a_staff_member(
            sites[0], Role.RECEPTION, username="desk"
        )
        for site in sites:
            Membership.objects.get_or_create(staff=self.staff, site=site, defaults={"role": Role.RECEPTION})
        _, self.token = AuthToken.objects.create(user=self.staff)
        plans = CarePlan.objects.filter(surgery__in=[person.surgery for person in self.people])
        self.links = dict(plans.values_list("surgery", "link"))
        rows = CheckUp.objects.filter(surgery__in=[person.surgery for person in self.people]).order_by("pk")
        self.visits: dict[int, list[int]] = {}
        for pk, patient in rows.values_list("pk", "surgery__patient"):
            self.visits.setdefault(patient, []).append(pk)

    @property
    def is_free(self) -> bool:
        """There is nothing more to do: nobody is left, or something went wrong."""
        return self.work.done()

    def open(self) -> None:
        self.work = self.pool.submit(self._work)

    def close(self) -> None:
        """What was begun is brought to its end; nothing new is begun."""
        self.closing.set()
        if not wait([self.work], timeout=HUNG).done:
            self.wrong.append("reception never got an answer")
        self.gone.set()
        self.work.result()
        self.pool.shutdown()

    def _work(self) -> None:
        while not self.closing.is_set() and self.people and not self.wrong:
            person = self.chance.choice(self.people)
            self.stage.ask_web(f"/p/{self.links[person.surgery]}/")  # they look at their page, whether it opens or not
            deed = self._deed(person)
            if self._said(person) if deed.what == ANSWER else self._done(deed):
                self.deeds.append(deed)
            self.busy[person.patient] = monotonic()
            sleep(PAUSE)

    def _deed(self, person: FaultPatient) -> VisitDeed:
        """Booked while it is not; afterwards moved, confirmed or freed."""
        visit = self.chance.choice(self.visits[person.patient][:EACH])
        what = BOOK
        if visit in visits.model(self.deeds):
            what = self.chance.choice([BOOK, BOOK, ANSWER, ANSWER, FREE])
        if what == ANSWER and monotonic() > self.busy.get(person.patient, 0) + A_SECOND:
            return VisitDeed(ANSWER, person.patient)
        what = BOOK if what == ANSWER else what
        days = self.chance.randint(*self.chance.choice([NEAR, LATER]))
        at = (world.now() + timedelta(days=days)).replace(minute=self.chance.randrange(60), second=0, microsecond=0)
        return VisitDeed(what, person.patient, visit, at if what == BOOK else None)

    def _said(self, person: FaultPatient) -> bool:
        """Counts in any case: one that was not heard is found in the provider's list, so nothing may follow it."""
        status = self.stage.text_in(person.phone, person.sender, "1")
        if not 200 <= status < 300:
            self.people.remove(person)
        return True

    def _done(self, deed: VisitDeed) -> bool:
        """Safe to repeat: the second time it is so already."""
        body = {"booked_for": deed.booked_for.isoformat()} if deed.booked_for else {}
        while not self.gone.is_set():
            status, answer = self.stage.ask_web(f"/api/v1/check-ups/{deed.visit}/{deed.what}/", self._pass(), body)
            if 200 <= status < 300:
                return True
            if 400 <= status < 500:
                self.wrong.append(f"reception was refused, {deed.what}: {status} {answer[:200]!r}")
                return False
            sleep(PAUSE)
        return False

    def _pass(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    def shown(self) -> dict[str, list[Visit]]:
        """What stands ahead by each door; empty while the web does not answer."""
        return {"API": list(self._by_api()), "board": steady(lambda: list(self._on_the_board()))}

    def _by_api(self) -> Iterator[Visit]:
        page = "/api/v1/check-ups/?state=booked&state=confirmed&page_size=200"
        while page:
            status, answer = self.stage.ask_web(page, self._pass())
            if status != 200:
                return
            listed: dict[str, Any] = json.loads(answer)
            for row in listed["results"]:
                yield Visit(row["id"], row["state"], datetime.fromisoformat(row["booked_for"]))
            page = (listed["next"] or "").partition("/api/")[2] and "/api/" + listed["next"].partition("/api/")[2]

    def _on_the_board(self) -> Iterator[Visit]:
        for site in Site.objects.all():
            desk = Desk(site, self.staff, world.now())
            for part in (desk.visits_today(), desk.next_visits()):
                for row in part.rows:
                    yield Visit(row.pk, row.state, row.booked_for)
