"""Every case there is. Outages have stages of their own: what a crash left unsettled must not meet one."""

from collections.abc import Callable, Iterator, Sequence

from tests.faults import crash, outages, stalls, stops, upstream
from tests.faults.cases import FaultCase

AT_A_TIME = 13  # cases on one stage: it has people enough for all of them, and for second tries
KINDS = [
    [crash.cases],
    [outages.cases, stalls.cases, upstream.cases, stops.cases],
]


def stages(wanted: Callable[[FaultCase], bool]) -> Iterator[Sequence[FaultCase]]:
    """Those that are wanted, as many as fit on one stage."""
    for kind in KINDS:
        some = [case for cases in kind for case in cases() if wanted(case)]
        yield from (some[first : first + AT_A_TIME] for first in range(0, len(some), AT_A_TIME))
