"""Beat starts again whatever a power cut made of its schedule file, and says what it did with it."""

from pathlib import Path

import pytest

from clinic.celery import HealingScheduler, app


def started(folder: Path) -> HealingScheduler:
    """A scheduler on the file in this folder, as beat makes it at its start."""
    scheduler = HealingScheduler(app=app, schedule_filename=str(folder / "beat-schedule"), lazy=True)
    scheduler.setup_schedule()
    return scheduler


def written(folder: Path) -> list[Path]:
    started(folder).close()
    return [file for file in folder.iterdir() if file.stat().st_size]


@pytest.mark.parametrize("keeps", [0.0, 0.5, 0.97])
def test_a_cut_or_empty_file_is_moved_aside_and_beat_begins_anew(tmp_path, keeps, caplog):
    for file in written(tmp_path):
        whole = file.read_bytes()
        file.write_bytes(whole[: int(len(whole) * keeps)])

    scheduler = started(tmp_path)

    assert set(app.conf.beat_schedule) <= set(scheduler.schedule)
    scheduler.close()
    again = started(tmp_path)
    assert "sweep" in again.schedule
    again.close()
    if any(file.suffix == ".damaged" for file in tmp_path.iterdir()):
        assert "schedule file cannot be read" in caplog.text


def test_every_single_file_of_it_may_be_empty_or_nonsense(tmp_path):
    for number, name in enumerate(sorted(file.name for file in written(tmp_path))):
        for words in (b"", b"\x80\x04nonsense"):
            folder = tmp_path / f"{number}{len(words)}"
            folder.mkdir()
            written(folder)
            (folder / name).write_bytes(words)

            scheduler = started(folder)

            assert "sweep" in scheduler.schedule
            scheduler.close()


def test_a_whole_file_is_kept_with_what_it_knows(tmp_path):
    first = started(tmp_path)
    first.schedule["sweep"].total_run_count = 7
    first.close()

    second = started(tmp_path)

    assert second.schedule["sweep"].total_run_count == 7
    assert not list(tmp_path.glob("*.damaged"))
    second.close()
