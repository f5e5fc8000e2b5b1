"""Counts requests in sliding windows of a minute: in Redis, for all scopes in one round trip.

A window's count is that of the running minute and, weighted by how much of it the last sixty
seconds still cover, of the minute before. While Redis is away nothing is limited.
"""

import hashlib
import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

WINDOW = 60
REST = 5.0  # seconds for which a Redis that failed is not asked again
PATIENCE = 0.1  # and how long the one request waits that does ask it

# Counted only when no scope is full: who is refused by one does not use up the others.
COUNT = """
local counts, full = {}, 0
for i = 1, #KEYS, 2 do
    local held = redis.call('MGET', KEYS[i], KEYS[i + 1])
    counts[i], counts[i + 1] = tonumber(held[1]) or 0, tonumber(held[2]) or 0
    if counts[i] + counts[i + 1] * ARGV[1] >= tonumber(ARGV[(i + 3) / 2]) then full = 1 end
end
for i = 1, #KEYS, 2 do
    if full == 0 then
        counts[i] = redis.call('INCR', KEYS[i])
        redis.call('EXPIRE', KEYS[i], ARGV[#ARGV])
    end
end
counts[#counts + 1] = full
return counts
"""

COUNT_HASH = hashlib.sha1(COUNT.encode(), usedforsecurity=False).hexdigest()  # Redis's name for it


@dataclass(frozen=True)
class Scope:
    """Whose requests are counted together, and how many of them a minute may have."""

    name: str
    most: int


@dataclass(frozen=True)
class Count:
    """How a scope stands: requests of this minute and the last, and seconds into this one."""

    most: int
    now: int
    before: int
    elapsed: float
    refused: bool = False

    @property
    def used(self) -> float:
        """Requests of the last sixty seconds, as far as two counts tell."""
        return self.now + self.before * (1 - self.elapsed / WINDOW)

    @property
    def remaining(self) -> int:
        """How many more there may be right now."""
        return max(0, math.floor(self.most - self.used))

    @property
    def wait(self) -> int:
        """Whole seconds until one more fits."""
        if self.now < self.most:
            # the last minute's share shrinks until there is room
            room = (self.most - self.now) / self.before if self.before else 1.0
            until = WINDOW * (1 - room) - self.elapsed
        else:
            until = WINDOW - self.elapsed + WINDOW * (1 - self.most / self.now)
        return max(0, math.floor(until)) + 1

    @property
    def headers(self) -> dict[str, str]:
        """What a client is told of it."""
        reset = self.wait if self.refused else math.ceil(WINDOW - self.elapsed)
        left = 0 if self.refused else self.remaining
        return {
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(reset),
        }


class Windows:
    """The counters, and whether Redis was there when it was last asked."""

    def __init__(self, url: str) -> None:
        self.pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self.free: deque[Any] = deque()  # connections that nobody uses now
        self.away_until = 0.0

    def count(self, scopes: Sequence[Scope]) -> Count | None:
        """Count one request of all these scopes, and give the tightest; None: not counted.

        A full scope comes back as refused, and then none has counted.
        """
        asked_at = time.monotonic()
        if asked_at < self.away_until:
            return None
        was_away = self.away_until > 0
        if was_away:
            self.away_until = asked_at + REST  # this request asks; the others do not wait with it
        try:
            counts = self.ask(scopes)
        except (redis.RedisError, OSError) as error:
            if not was_away:
                log.warning("limits_open", error=type(error).__name__)
            self.free.clear()  # they lead to where Redis was
            self.away_until = time.monotonic() + REST
            return None
        if was_away:
            self.away_until = 0.0
        return min(counts, key=lambda count: (not count.refused, count.remaining))

    def ask(self, scopes: Sequence[Scope]) -> list[Count]:
        """One round trip."""
        now = time.time()
        minute, elapsed = int(now // WINDOW), now % WINDOW
        keys = [f"limit:{s.name}:{m}" for s in scopes for m in (minute, minute - 1)]
        weight = 1 - elapsed / WINDOW
        *found, full = self.run(len(keys), *keys, weight, *(s.most for s in scopes), 2 * WINDOW)
        pairs = zip(scopes, found[::2], found[1::2], strict=True)
        counts = [Count(scope.most, held, before, elapsed) for scope, held, before in pairs]
        return [replace(c, refused=c.used >= c.most) for c in counts] if full else counts

    def run(self, *arguments: Any) -> list[int]:
        """Run the script on a connection of our own: redis-py's client takes twice as long."""
        try:
            connection = self.free.pop()
        except IndexError:
            connection = self.pool.make_connection()
        try:
            try:
                connection.send_command("EVALSHA", COUNT_HASH, *arguments, check_health=False)
                counts: list[int] = connection.read_response()
            except redis.exceptions.NoScriptError:
                connection.send_command("EVAL", COUNT, *arguments, check_health=False)
                counts = connection.read_response()
        except BaseException:
            connection.disconnect()  # what it would say next belongs to nobody
            raise
        self.free.append(connection)
        return counts


@cache
def windows_at(url: str) -> Windows:
    """This process's counters in that Redis."""
    return Windows(url)


def count_request(scopes: Sequence[Scope]) -> Count | None:
    """Count one request in the Redis of the settings."""
    return windows_at(settings.REDIS_URL).count(scopes) if scopes else None
