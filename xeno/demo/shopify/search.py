"""The search syntax of lists, as far as it is asked: comparisons of times; the rest is ignored,
as Shopify ignores keys that it does not know."""

import re
from typing import Any

from xeno.demo.shopify.world import moment

TERM = re.compile(r"(\w+):\s*(>=|<=|>|<|)\s*(?:'([^']*)'|\"([^\"]*)\"|(\S+))")
TIMES = ("updated_at", "created_at", "processed_at")


def matches(query: str | None, payload: dict[str, Any]) -> bool:
    """Whether the payload satisfies every comparison of times in the query."""
    for key, sign, *texts in TERM.findall(query or ""):
        value = next((text for text in texts if text), "")
        if key in TIMES and payload.get(key) and not compare(payload[key], sign, value):
            return False
    return True


def compare(told: str, sign: str, wanted: str) -> bool:
    """One comparison of two instants."""
    left, right = moment(told), moment(wanted)
    return {
        ">=": left >= right,
        "<=": left <= right,
        ">": left > right,
        "<": left < right,
        "": left == right,
    }[sign]
