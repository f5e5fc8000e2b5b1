"""Telling what machines do from what people do, by what can be seen of one request and its like.

Mail security follows every link before the message is shown, Apple's Mail Privacy Protection
fetches every picture when it arrives. Such touches are kept, shown as machines', and left out of
rates, segments and attribution. Sources: the agents that the products send (looked at on
2026-11-30), and M3AAWG, "Mitigating automated clicks" (2022), for timing and many links at once.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

# Scanners, previews, monitors, libraries. Google's and Yahoo's picture proxies are people's opens.
AGENTS = re.compile(
    r"bot\b|crawl|spider|scan|preview|monitor|check|curl/|wget/|python|java/|okhttp|go-http|libwww"
    r"|headless|phantom|barracuda|proofpoint|mimecast|symantec|trendmicro|fireeye|ironport"
    r"|safelinks|urldefense|slack|facebookexternalhit|whatsapp|telegram|skypeuripreview|bingpreview",
    re.IGNORECASE,
)
# All that Apple's relay says of itself.
APPLE_RELAY = "Mozilla/5.0"
FASTEST_CLICK = timedelta(seconds=3)  # after the hand-over: nobody reads so fast
FASTEST_OPEN = timedelta(seconds=1)
# So many different links within so long: nobody reads in between.
BURSTS = ((3, timedelta(seconds=2)), (4, timedelta(seconds=10)))
AT_ONCE = timedelta(seconds=10)  # of a burst, what came before it is part of it


def by_request(*, method: str, agent: str, opened: bool) -> str:
    """Why this one request is a machine's, as `Touch.machine` says it; '' when it may be a
    person's."""
    if method != "GET":
        return "head"
    agent = agent.strip()
    if not agent or AGENTS.search(agent):
        return "agent"
    return "relay" if opened and agent == APPLE_RELAY else ""


def by_timing(*, handed_at: datetime | None, at: datetime, opened: bool) -> str:
    """Why it came too soon for a person; '' when it did not."""
    fastest = FASTEST_OPEN if opened else FASTEST_CLICK
    return "timing" if handed_at is not None and at - handed_at < fastest else ""


def is_burst(followed: Mapping[int | None, datetime], at: datetime) -> bool:
    """Whether a scanner follows these links; each with its last moment, `at` being the latest.

    How many links the message has is not asked: it differs by variant and by person.
    """
    ages = [at - when for when in followed.values()]
    return any(sum(age < within for age in ages) >= links for links, within in BURSTS)
