"""Where the time goes: the webhook's way in and the applier, under Python's profiler."""

import cProfile
import io
import os
import pstats
import sys
from pathlib import Path
from typing import Any

import django

from bench.apply import Shop
from bench.arrival import SHOP
from bench.bodies import posts, request
from bench.machinery import ROOT

ARRIVALS = 2_000
SHOWN = 14


def profile_arrival() -> cProfile.Profile:
    """The WSGI application called in a loop, as the server calls it."""
    from xeno.wsgi import application

    requests = [environ_of(request(post, SHOP)) for post in posts(3_000_000, ARRIVALS + 50)]
    profile = cProfile.Profile()
    for number, environ in enumerate(requests):
        if number == 50:  # warm by then
            profile.enable()
        for _ in application(environ, lambda *_: None):
            pass
    profile.disable()
    return profile


def environ_of(raw: bytes) -> dict[str, Any]:
    """The WSGI environment of a request."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": first.split(" ")[1],
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }
    for header in headers:
        name, value = header.split(": ", 1)
        key = name.upper().replace("-", "_")
        environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
    return environ


def profile_apply(shop: Shop) -> cProfile.Profile:
    """One inbox, in this process."""
    shop.apply()
    profile = cProfile.Profile()
    shop.apply(profile)
    return profile


def table(profile: cProfile.Profile, each: int) -> list[str]:
    """The costliest functions by their own time, in microseconds a webhook."""
    stats: Any = pstats.Stats(profile)
    total = stats.total_tt
    rows = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:SHOWN]
    lines = [
        f"| {place(*where)} | {calls / each:.1f} | {own / each * 1e6:.1f} | {own / total:.0%} |"
        for where, (_, calls, own, _, _) in rows
    ]
    head = ["| function | calls | own µs | share |", "|---|---|---|---|"]
    return [*head, *lines, f"| all of it | | {total / each * 1e6:.0f} | |"]


def place(file: str, _line: int, name: str) -> str:
    """A function as a reader knows it; paths of this machine say nothing."""
    if file == "~":
        return f"`{name.strip('<>')}`"
    path = Path(file)
    short = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    parts = short.parts
    if "site-packages" in parts:
        parts = parts[parts.index("site-packages") + 1 :]
    elif path.is_absolute() and not path.is_relative_to(ROOT):
        parts = parts[-2:]
    return f"`{'/'.join(parts)}:{name}`"


def main() -> None:
    """`python -m bench.profiles EACH`: two tables in Markdown."""
    django.setup()
    each = int(sys.argv[1])
    shop = Shop(dict(os.environ), each)
    applying = profile_apply(shop)  # first: what arrives then stays in the inbox
    print(f"\nThe webhook's way in, {ARRIVALS:,} calls of the WSGI application (psycopg's `wait`")
    print("is the database: the insert and its commit):\n")
    print("\n".join(table(profile_arrival(), ARRIVALS)))
    print(f"\nThe applier, {each:,} payloads (`wait` is the database again):\n")
    print("\n".join(table(applying, each)))


if __name__ == "__main__":
    main()
