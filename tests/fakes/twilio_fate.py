"""What becomes of a message, and how Twilio tells of it. Pure and seeded: the same run can be played again."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

Event = tuple[float, str, int | None]  # seconds after it was accepted, status, error code


@dataclass(frozen=True)
class Fate:
    """`life`: what the API shows, and from when on. `tells`: the callbacks, perhaps lost, doubled, out of order."""

    life: list[Event] = field(default_factory=list)
    tells: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Script:
    """One number's fate, told as it happens. `heard` false: every callback is lost."""

    ends: str = "delivered"
    code: int | None = None
    heard: bool = True
    delay: float = 0.1
    times: int = 1

    def fate(self, key: str) -> Fate:
        life = [(self.delay, "sent", None), (2 * self.delay, self.ends, self.code)]
        return Fate(life, sorted(life * self.times) if self.heard else [])


@dataclass(frozen=True)
class Mix:
    """Shares of what happens. `failing`: how often a message ends as undelivered with which code."""

    seed: int = 0
    failing: dict[str, float] = field(default_factory=dict)
    silent: float = 0.0  # the carrier never says more than `sent`
    lost: float = 0.0  # no callback of this message ever arrives
    doubled: float = 0.0  # one of its callbacks comes twice
    shuffled: float = 0.0  # they come in any order
    within: float = 3.0  # seconds until its last word

    def fate(self, key: str) -> Fate:
        chance = Random(f"{self.seed}/{key}")
        status, code = self._end(chance)
        last = chance.uniform(0.05, self.within)
        life: list[Event] = [(last / 3, "sending", None), (last / 2, "sent", None)]
        if status != "sent":
            life.append((last, status, code))
        return Fate(life, self._tells(life, chance))

    def _end(self, chance: Random) -> tuple[str, int | None]:
        draw = chance.random()
        for code, share in self.failing.items():
            if draw < share:
                return "undelivered", int(code)
            draw -= share
        return ("sent", None) if draw < self.silent else ("delivered", None)

    def _tells(self, life: list[Event], chance: Random) -> list[Event]:
        if chance.random() < self.lost:
            return []
        tells = list(life)
        if chance.random() < self.shuffled:
            moments = [moment for moment, _, _ in tells]
            chance.shuffle(moments)
            tells = [(moment, status, code) for moment, (_, status, code) in zip(moments, tells, strict=True)]
        if chance.random() < self.doubled:
            moment, status, code = chance.choice(tells)
            tells.append((moment + chance.uniform(0, 0.5), status, code))
        return sorted(tells)


def written(wish: dict[str, Any]) -> Script | Mix:
    """As it stands in a wish: `{"ends": "delivered", …}` or `{"seed": 7, "failing": {"30003": 0.1}, …}`."""
    return Mix(**wish) if "seed" in wish else Script(**wish)
