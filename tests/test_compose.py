"""The service stack as it is described: no engine here runs it, so what it promises is read from the files."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_web_workers_and_clock_wait_for_a_migrated_database():
    for name in ("web", "sender", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"migrate"}))
def test_every_lasting_service_says_whether_it_is_well(name):
    assert SERVICES[name]["healthcheck"]["test"]


def test_redis_evicts_nothing_and_writes_down_what_it_holds():
    command = SERVICES["redis"]["command"]

    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command


def test_no_secret_has_a_default():
    environment = SERVICES["web"]["environment"]

    assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert "${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]


def test_every_queue_has_a_worker(settings):
    served = " ".join(SERVICES[name]["command"] for name in ("sender", "worker"))

    for queue in {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {"default"}:
        assert queue in served


def test_the_image_does_not_run_as_root():
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    assert [line for line in lines if line.startswith("USER ")][-1] != "USER root"


def test_the_image_is_built_with_a_key_that_is_long_enough_and_not_kept():
    """Without one, a key would be made and kept in the image; a short one is refused."""
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert "SECRET_KEY=\"$(python -c 'import secrets; print(secrets.token_urlsafe(64))')\"" in dockerfile
