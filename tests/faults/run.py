"""All plays of one run: laid out once, played side by side, written down as they end, and counted."""

from pathlib import Path
from time import monotonic
from typing import Any

from tqdm import tqdm

from tests.faults import world
from tests.faults.book import Book
from tests.faults.lanes import side_by_side
from tests.faults.playing import plays
from tests.faults.stage import Servers

tqdm.monitor_interval = 0  # a thread of its own, which the lanes would be forked beside


def everything(servers: Servers, folder: Path, options: Any) -> int:
    """0: all of it holds. Nothing is played twice: what broke is broken, whatever else the machine had to do."""
    began, book = monotonic(), Book(options.results)
    wanted = list(plays(book, options))
    people = world.lay_out(servers)
    servers.postgres.stop()
    with tqdm(total=len(wanted), unit=" plays") as bar:
        for found in side_by_side(wanted, servers, people, folder, lanes=options.lanes):
            book.add(found.name, found.holds, found.said)
            bar.update()
    held = sum(bool(row["holds"]) for row in book.rows)
    print(f"\n{held} of {len(book.rows)} hold, after {monotonic() - began:.0f} s.")
    if options.table:
        options.table.write_text(table(book))
    return 0 if book.holds() else 1


def table(book: Book) -> str:
    lines = [
        f"`python -m tests.faults`, commit {book.commit[:8]}",
        "",
        "```text",
        *(str(row["said"]) for row in book.rows),
        "```",
    ]
    return "\n".join(lines) + "\n"
