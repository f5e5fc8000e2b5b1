"""People from a file: made or filled in set-based, and one row with Shopify's when that comes.

Shopify does not know them, so their `shopify_id` is below zero: our own id with a minus. What
Shopify tells of somebody stands; a file only fills what it has not told.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from customers import bulk_tagging
from customers.actions import NEWEST_CONSENT, NO_TOTALS, save_consents
from customers.addresses import row_of, save_defaults
from customers.data import AddressData, ConsentData, CustomerData, MergeData
from customers.editing import FOLLOWERS, MOST_TAGS, Edits, hold_store
from customers.models import Consent, Customer, CustomerTag
from tenants.models import Tenant
from xeno.lib.upsert import array, arrays, run, unnest

SOURCE = "import"
FILLED = (
    "email", "first_name", "last_name", "phone", "language", "note", "country", "region", "city",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonData:
    """Somebody of a file; None is not told. Never a consent, only that there is none any more."""

    shopify_id: int | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    language: str | None = None
    note: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    tags: tuple[str, ...] = ()
    unsubscribed: bool = False


def joined(before: PersonData, after: PersonData) -> PersonData:
    """Two rows of one person: the later word stands, but whoever has left has left."""
    told = {name: getattr(after, name) or getattr(before, name) for name in FILLED}
    tags = tuple(dict.fromkeys([*before.tags, *after.tags]))[:MOST_TAGS]
    return PersonData(
        shopify_id=after.shopify_id or before.shopify_id,
        **told,
        tags=tags,
        unsubscribed=before.unsubscribed or after.unsubscribed,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """Who a person of a file is here."""

    pk: int
    shopify_id: int
    consent: str | None
    consent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a batch: how many were made, changed and unsubscribed, and our ids of them."""

    made: tuple[int, ...]
    changed: tuple[int, ...]
    unsubscribed: int


# Shopify's own first, of several with one address; by the address as the column holds it. One look
# into the index for each, whatever the planner knows of a table that grows under it.
MATCH = """
    SELECT DISTINCT ON (found.place) found.*
    FROM (
        SELECT new.place, known.*, 0 AS rank
        FROM unnest(%(places)s::bigint[], %(numbers)s::bigint[]) AS new(place, shopify_id)
        CROSS JOIN LATERAL (
            SELECT c.id, c.shopify_id, c.email_consent, c.email_consent_at
            FROM customers_customer c
            WHERE c.tenant_id = %(tenant)s AND c.shopify_id = new.shopify_id
            LIMIT 1
        ) AS known
        WHERE new.shopify_id <> 0
        UNION ALL
        SELECT new.place, known.*, 1
        FROM unnest(%(places)s::bigint[], %(emails)s::text[]) AS new(place, email)
        CROSS JOIN LATERAL (
            SELECT c.id, c.shopify_id, c.email_consent, c.email_consent_at
            FROM customers_customer c
            WHERE c.tenant_id = %(tenant)s AND c.email_search = lower(new.email COLLATE "C")
            ORDER BY c.shopify_id < 0, c.id
            LIMIT 1
        ) AS known
        WHERE new.email <> ''
    ) AS found
    ORDER BY found.place, found.rank, found.shopify_id < 0, found.id
"""
NEW = dict.fromkeys(FILLED, "text")
# With their default addresses, which the customers' own columns repeat.
INSERT = f"""
    WITH made AS (
        INSERT INTO customers_customer
            (id, tenant_id, shopify_id, version_order_id, {", ".join([*FILLED, *NO_TOTALS])})
        SELECT numbered.id, %s, -numbered.id, 0, {", ".join([*FILLED, *NO_TOTALS.values()])}
        FROM (
            SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) AS id, new.*
            FROM {unnest(NEW)}
        ) AS numbered
        ON CONFLICT (tenant_id, email_search) WHERE shopify_id < 0 DO NOTHING
        RETURNING id, tenant_id, country, region, city
    ), placed AS (
        INSERT INTO customers_customeraddress
            (tenant_id, customer_id, is_default, country, region, city)
        SELECT tenant_id, id, true, country, COALESCE(region, ''), COALESCE(city, '')
        FROM made WHERE country IS NOT NULL
    )
    SELECT id FROM made
"""
# The file's word over an older file's, never over Shopify's.
FILL = f"""
    UPDATE customers_customer c SET synced_at = statement_timestamp(), {", ".join(
        f"{name} = CASE WHEN c.shopify_id < 0 THEN COALESCE(new.{name}, c.{name})"
        f" ELSE COALESCE(c.{name}, new.{name}) END"
        for name in FILLED if name != "email"
    )}, email = COALESCE(c.email, new.email)
    FROM {unnest({"id": "bigint", **NEW})}
    WHERE c.tenant_id = %s AND c.id = new.id AND ({" OR ".join(
        f"(new.{name} IS NOT NULL AND (c.{name} IS NULL"
        f" OR (c.shopify_id < 0 AND c.{name} <> new.{name})))"
        for name in FILLED if name != "email"
    )} OR (c.email IS NULL AND new.email IS NOT NULL))
    RETURNING c.id, c.country, c.region, c.city
"""  # fmt: skip


def find_known(*, tenant: Tenant, people: Sequence[PersonData]) -> dict[int, Known]:
    """Who is here already, by their place in the sequence: by Shopify's id, or by the address."""
    params = {
        "tenant": tenant.pk,
        "places": array(list(range(len(people)))),
        "numbers": array([person.shopify_id or 0 for person in people]),
        "emails": array([person.email or "" for person in people]),
    }
    return {place: Known(*found) for place, *found, _ in run(MATCH, params)}


@transaction.atomic
def save_people(*, tenant: Tenant, people: Sequence[PersonData]) -> Imported:
    """Make who is not here yet, fill in who is; each person once, and each with an address, or a
    Shopify id that is known here. Nobody is ever subscribed by it."""
    hold_store(tenant=tenant)
    known = find_known(tenant=tenant, people=people)
    unknown = [place for place in range(len(people)) if place not in known]
    here = by_pk(known, people)
    changed = set(fill(tenant, {pk: person for pk, (_, person) in here.items()}))
    made = insert(tenant, [people[place] for place in unknown])
    # Of most who are new there is nothing more to say.
    more = [place for place in unknown if people[place].tags or people[place].unsubscribed]
    if more:
        found_now = find_known(tenant=tenant, people=[people[place] for place in more])
        known |= {more[place]: found for place, found in found_now.items()}
    ((now,),) = run("SELECT clock_timestamp()", [])
    told = by_pk(known, people)
    leaving = unsubscribe(tenant, told, now)
    tagged = add_tags(tenant, told, now)
    follow(tenant, told, leaving, tagged, now)
    changed |= {*leaving, *tagged}
    return Imported(tuple(made), tuple(sorted(changed - set(made))), len(leaving))


def by_pk(
    known: Mapping[int, Known], people: Sequence[PersonData]
) -> dict[int, tuple[Known, PersonData]]:
    """Who is meant, by our ids; a person whom two rows mean in two ways is one."""
    told = dict[int, tuple[Known, PersonData]]()
    for place, found in sorted(known.items()):
        before, person = told.get(found.pk), people[place]
        told[found.pk] = found, person if before is None else joined(before[1], person)
    return told


def insert(tenant: Tenant, people: Sequence[PersonData]) -> list[int]:
    """Make these; gives our ids of those that were not there by then."""
    rows = [[getattr(person, name) for name in FILLED] for person in people if person.email]
    if not rows:
        return []
    return [pk for (pk,) in run(INSERT, [tenant.pk, *arrays(NEW, rows)])]


def fill(tenant: Tenant, told: Mapping[int, PersonData]) -> list[int]:
    """Fill in what these lack; gives our ids of those that are not as before."""
    if not told:
        return []
    columns = {"id": "bigint", **NEW}
    rows = [[pk, *(getattr(told[pk], name) for name in FILLED)] for pk in sorted(told)]
    found = run(FILL, [*arrays(columns, rows), tenant.pk])
    note_places(tenant, [row for row in found if told[row[0]].country])
    return [row[0] for row in found]


def note_places(tenant: Tenant, rows: Iterable[Sequence[object]]) -> None:
    """The default addresses of customers, which their own columns repeat."""
    defaults = [
        row_of(pk, AddressData(country=country, region=region or "", city=city or ""))  # type: ignore[arg-type]
        for pk, country, region, city in rows
        if country
    ]
    if defaults:
        save_defaults(tenant=tenant, rows=defaults)


def unsubscribe(
    tenant: Tenant, told: Mapping[int, tuple[Known, PersonData]], now: datetime
) -> dict[int, datetime]:
    """Note of whom the file says so that they agree no longer; gives each one's moment."""
    words, leaving = list[ConsentData](), dict[int, datetime]()
    for pk, (known, person) in told.items():
        if not person.unsubscribed or known.consent == Consent.UNSUBSCRIBED:
            continue
        # Whole seconds, as Shopify tells it back; and newer than the word before it.
        at = now.replace(microsecond=0)
        if known.consent_at and known.consent_at >= at:
            at = known.consent_at.replace(microsecond=0) + timedelta(seconds=1)
        leaving[pk] = at
        words.append(ConsentData(pk, "email", Consent.UNSUBSCRIBED, None, SOURCE, at))
    save_consents(tenant=tenant, consents=words, ids={pk: pk for pk in leaving})
    return leaving


def add_tags(
    tenant: Tenant, told: Mapping[int, tuple[Known, PersonData]], now: datetime
) -> dict[int, dict[str, bool]]:
    """Add the tags that they do not have; who would come to have too many keeps what there is."""
    wanted = {pk: person.tags for pk, (_, person) in told.items() if person.tags}
    if not wanted:
        return {}
    held = bulk_tagging.read_held(bulk_tagging.lock(sorted(wanted)), now)
    changes = {
        pk: bulk_tagging.changes_of(held[pk].tags, {tag.lower(): tag for tag in tags}, {})
        for pk, tags in wanted.items()
        if pk in held
    }
    added = {
        pk: each
        for pk, each in changes.items()
        if each and bulk_tagging.count_after(held[pk].tags, each) <= MOST_TAGS
    }
    edits = {pk: Edits(at=now, tags=each) for pk, each in added.items()}
    bulk_tagging.write(tenant=tenant, edits=edits, held=held)
    return added


def follow(
    tenant: Tenant,
    told: Mapping[int, tuple[Known, PersonData]],
    leaving: Mapping[int, datetime],
    tagged: Mapping[int, Mapping[str, bool]],
    now: datetime,
) -> None:
    """Have Shopify told of those that it knows."""
    edits = {
        pk: Edits(at=now, tags=tagged.get(pk, {}), consent_at=leaving.get(pk))
        for pk in sorted({*leaving, *tagged})
        if told[pk][0].shopify_id > 0
    }
    if edits:
        for follower in FOLLOWERS:
            follower.hold_many(customer_ids=sorted(edits))
            follower.follow_many(tenant=tenant, edits=edits)


# --- When Shopify comes to know them ------------------------------------------------------------

ARRIVING = {"shopify_id": "bigint", "email": "text"}
FIND_IMPORTED = f"""
    SELECT DISTINCT ON (c.id) c.id, c.shopify_id, new.shopify_id, k.id
    FROM {unnest(ARRIVING)}
    JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.shopify_id < 0
        AND c.email_search = lower(new.email COLLATE "C")
    LEFT JOIN customers_customer k
        ON k.tenant_id = %(tenant)s AND k.shopify_id = new.shopify_id
    ORDER BY c.id, new.shopify_id
"""
ADOPT = f"""
    UPDATE customers_customer c SET shopify_id = new.shopify_id, synced_at = statement_timestamp()
    FROM {unnest({"id": "bigint", "shopify_id": "bigint"})}
    WHERE c.tenant_id = %s AND c.id = new.id
"""
HAND_OVER_TAGS = f"""
    UPDATE customers_customertag t SET customer_id = pair.kept
    FROM {unnest({"gone": "bigint", "kept": "bigint"}, "pair")}
    WHERE t.tenant_id = %s AND t.customer_id = pair.gone AND NOT EXISTS (
        SELECT FROM customers_customertag o WHERE o.tenant_id = t.tenant_id
            AND o.customer_id = pair.kept AND o.tag_key = t.tag_key
    )
"""
HAND_OVER_CONSENTS = f"""
    INSERT INTO customers_consentchange
        (tenant_id, customer_id, channel, state, level, source, reason, changed_at, received_at)
    SELECT w.tenant_id, pair.kept, w.channel, w.state, w.level, w.source, w.reason, w.changed_at,
        w.received_at
    FROM customers_consentchange w
    JOIN {unnest({"gone": "bigint", "kept": "bigint"}, "pair")} ON pair.gone = w.customer_id
    WHERE w.tenant_id = %s
    ON CONFLICT DO NOTHING
"""


def adopt(*, tenant: Tenant, customers: Sequence[CustomerData]) -> list[MergeData]:
    """Let imported people be the customers that Shopify tells of now, by their address.

    The row becomes Shopify's, with all that hangs on it. Where there is one of Shopify's already,
    its tags and consents are handed over, and the caller merges the two. By the caller's lock.
    """
    arriving = [(each.shopify_id, each.email) for each in customers if each.email]
    if not arriving:
        return []
    columns = arrays(ARRIVING, arriving)
    sql = FIND_IMPORTED.replace("%s", "%(numbers)s", 1).replace("%s", "%(emails)s", 1)
    params = {"tenant": tenant.pk, "numbers": columns[0], "emails": columns[1]}
    own, merges, pairs = dict[int, int](), list[MergeData](), list[tuple[int, int]]()
    for pk, number, shopify_id, kept in run(sql, params):
        if kept is None and shopify_id not in own.values():
            own[pk] = shopify_id
        elif kept is not None:
            pairs.append((pk, kept))
            merges.append(MergeData(shopify_id, number))
    if own:
        take_over(tenant, own)
    if pairs:
        hand_over(tenant, pairs)
    return merges


def take_over(tenant: Tenant, own: Mapping[int, int]) -> None:
    """Give imported rows Shopify's ids; it is told what was said of them here."""
    run(ADOPT, [*arrays({"id": "bigint", "shopify_id": "bigint"}, sorted(own.items())), tenant.pk])
    tell(tenant, list(own))


def hand_over(tenant: Tenant, pairs: Sequence[tuple[int, int]]) -> None:
    """Give the tags and consents of imported rows to those that stay."""
    columns = arrays({"gone": "bigint", "kept": "bigint"}, sorted(pairs))
    run(HAND_OVER_TAGS, [*columns, tenant.pk])
    run(HAND_OVER_CONSENTS, [*columns, tenant.pk])
    kept = sorted({kept for _, kept in pairs})
    run(NEWEST_CONSENT.format(channel="email"), ["email", tenant.pk, kept])
    tell(tenant, kept)


def tell(tenant: Tenant, ids: Sequence[int]) -> None:
    """Have Shopify told of the tags that these have here, and that they agree no longer."""
    ((now,),) = run("SELECT clock_timestamp()", [])
    tags: dict[int, dict[str, bool]] = defaultdict(dict)
    rows = CustomerTag.objects.filter(customer__id__any_of=ids, present=True)
    for pk, tag in rows.values_list("customer_id", "tag"):
        tags[pk][tag] = True
    gone = Customer.objects.filter(pk__any_of=ids, email_consent=Consent.UNSUBSCRIBED)
    moments = dict(gone.values_list("pk", "email_consent_at"))
    edits = {
        pk: Edits(at=now, tags=tags[pk], consent_at=moments.get(pk))
        for pk in ids
        if tags[pk] or pk in moments
    }
    if edits:
        for follower in FOLLOWERS:
            follower.follow_many(tenant=tenant, edits=edits)
