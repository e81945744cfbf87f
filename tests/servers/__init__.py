"""Real PostgreSQL and Redis for tests: found on this machine or taken from wheels."""

from tests.servers.postgres import Postgres
from tests.servers.process import ServerError
from tests.servers.redis import Redis

__all__ = ["Postgres", "Redis", "ServerError"]
