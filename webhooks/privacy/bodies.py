"""The raw bodies of webhooks: which of them name somebody, and how long they are kept.

A body goes, its row stays: the row is what knows a repeat of the webhook.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings

from tenants.models import Tenant
from xeno.lib.upsert import run

SHORTEST = 5  # characters of an address; fewer would be found in everybody's
SPAN = 2_000  # deliveries that one statement searches or drops
# Text in which a search is the same for all bytes: what is not ASCII stands as its octal digits.
TEXT = "lower(encode(body, 'escape'))"
GONE = "body = '', body_hash = ''"
# Nobody can apply a delivery without its body: what was put by for later is parked for good.
SET_ASIDE = (
    " state = CASE WHEN state = 'waiting' THEN 'parked' ELSE state END, waits_for = '',"
    " code = CASE WHEN state IN ('waiting', 'parked') THEN '{code}' ELSE code END,"
    " reason = CASE WHEN state IN ('waiting', 'parked') THEN '{reason}' ELSE reason END"
)
REDACTED = SET_ASIDE.format(code="redacted", reason="It named somebody whose data was erased.")
TOO_OLD = SET_ASIDE.format(code="body_dropped", reason="It was never applied, and grew too old.")


def pattern_of(*, numbers: Iterable[int], words: Iterable[str]) -> str:
    """A regular expression, for `TEXT`, of bodies that hold one of the ids or addresses."""
    ids = "|".join(str(number) for number in sorted(set(numbers)))
    parts = [f"(?:^|[^0-9])(?:{ids})(?:[^0-9]|$)"] if ids else []
    forms = {form for word in words if len(word) >= SHORTEST for form in forms_of(word.lower())}
    if forms:
        texts = "|".join(sorted(map(quoted, forms)))
        # Anywhere: before it may stand the end of an escape, and a body too many is no loss.
        parts.append(f"(?:{texts})")
    return "|".join(parts)


def forms_of(word: str) -> set[str]:
    """The word as JSON may write it: in UTF-8, or with \\u escapes."""
    escaped = "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in word)
    return {as_text(word.encode()), as_text(escaped.encode())}


def as_text(raw: bytes) -> str:
    """The same as PostgreSQL's encode(…, 'escape')."""
    return "".join(
        "\\\\" if byte == 0x5C else chr(byte) if 0 < byte < 0x80 else f"\\{byte:03o}"
        for byte in raw
    )


def quoted(word: str) -> str:
    """The word, meaning itself, within a regular expression of PostgreSQL's."""
    return "".join(c if c.isalnum() or c == " " else f"\\{c}" for c in word)


def newest_id(tenant: Tenant) -> int:
    """The id of the store's newest delivery."""
    [(newest,)] = run("SELECT max(id) FROM webhooks_delivery WHERE tenant_id = %s", [tenant.pk])
    return newest or 0


def end_of_span(tenant: Tenant, mark: int, last: int) -> int:
    """The id up to which the next span reaches."""
    rows = run(
        "SELECT id FROM webhooks_delivery WHERE tenant_id = %s AND id > %s AND id <= %s"
        f" ORDER BY id OFFSET {SPAN - 1} LIMIT 1",
        [tenant.pk, mark, last],
    )
    return rows[0][0] if rows else last


def blank_span(*, tenant: Tenant, after: int, to: int, pattern: str, keeping: int | None) -> bool:
    """Blank the bodies of these deliveries that match; False when a pending one does.

    One that is pending would still be applied: whoever waits until it is, comes again. The one
    to be kept says whom the request is about, until it is done.
    """
    where = f"tenant_id = %s AND id > %s AND id <= %s AND octet_length(body) > 0 AND {TEXT} ~ %s"
    where += " AND id <> %s"
    params = [tenant.pk, after, to, pattern, keeping or 0]
    run(f"UPDATE webhooks_delivery SET {GONE}, {REDACTED} WHERE {where} AND state <> 'pending'",
        params)  # fmt: skip
    waiting = f"SELECT 1 FROM webhooks_delivery WHERE {where} AND state = 'pending' LIMIT 1"
    return not run(waiting, params)


def blank_these(*, tenant: Tenant, ids: list[int], pattern: str = "") -> None:
    """Blank the bodies of these deliveries, with a pattern of those that match."""
    matching = f" AND {TEXT} ~ %s" if pattern else ""
    run(
        f"UPDATE webhooks_delivery SET {GONE}, {REDACTED} WHERE tenant_id = %s AND id = ANY(%s)"
        f" AND state NOT IN ('pending', 'waiting'){matching}",
        [tenant.pk, ids, *([pattern] if pattern else [])],
    )


def drop_old_bodies(*, tenant: Tenant) -> int:
    """Drop the bodies of deliveries that were applied `RAW_BODY_DAYS` ago, span by span, and of
    any state after `RAW_BODY_DAYS_MOST`; gives how many."""
    kept, most = (
        timedelta(days=days) for days in (settings.RAW_BODY_DAYS, settings.RAW_BODY_DAYS_MOST)
    )
    run(
        "INSERT INTO webhooks_applierlease (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING",
        [tenant.pk],
    )
    [(mark,)] = run(
        "SELECT bodies_from FROM webhooks_applierlease WHERE tenant_id = %s", [tenant.pk]
    )
    dropped, last, untouched = 0, newest_id(tenant), True
    while mark < last:
        end = end_of_span(tenant, mark, last)
        params = {"tenant": tenant.pk, "after": mark, "to": end, "kept": kept, "most": most}
        dropped += len(run(DROP, params))
        [(left,)] = run(LEFT, params)
        # The mark stays before the first body that is kept, so that it is seen again; what lies
        # behind it is searched to where the young ones begin.
        if untouched and (left is None or left - 1 > mark):
            reached = end if left is None else left - 1
            run("UPDATE webhooks_applierlease SET bodies_from = %s WHERE tenant_id = %s",
                [reached, tenant.pk])  # fmt: skip
        untouched = untouched and left is None
        if run(YOUNG, params):
            break
        mark = end
    return dropped


RANGE = "tenant_id = %(tenant)s AND id > %(after)s AND id <= %(to)s"
DROP = f"""
    UPDATE webhooks_delivery SET {GONE}, {TOO_OLD}
    WHERE {RANGE} AND octet_length(body) > 0 AND state <> 'pending'
        AND (state IN ('applied', 'not_handled') AND received_at < now() - %(kept)s
            OR received_at < now() - %(most)s)
    RETURNING 1
"""
LEFT = f"SELECT min(id) FROM webhooks_delivery WHERE {RANGE} AND octet_length(body) > 0"
YOUNG = f"""
    SELECT 1 FROM webhooks_delivery WHERE {RANGE} AND received_at >= now() - %(kept)s LIMIT 1
"""
