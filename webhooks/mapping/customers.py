"""Payloads about customers: the customer, consents, tags, Shopify's totals, a merge."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType

from customers.data import (
    OWN_PAYLOAD,
    UNDATED,
    ConsentData,
    CustomerData,
    MergeData,
    StatisticsData,
    TagsData,
    TotalsData,
)
from customers.models import Consent
from webhooks.mapping.addresses import AddressPayload, address_data, default_of, others_of
from webhooks.mapping.context import Envelope
from webhooks.mapping.decoding import (
    Count,
    Currency,
    Digits,
    Id,
    Text,
    Time,
    Unreadable,
    aware,
    code,
    decode,
    gid,
    money,
    tag_list,
    text,
    time,
)


class ConsentPayload(Struct):
    """A consent as webhooks tell it, in lower case."""

    state: str | None
    opt_in_level: Text = UNSET
    consent_updated_at: Time = UNSET


class CustomerPayload(Struct):
    """A customer by itself or within an order; the old API had consents, tags and totals in it."""

    id: Id
    email: Text = UNSET
    phone: Text = UNSET
    first_name: Text = UNSET
    last_name: Text = UNSET
    state: Text = UNSET
    locale: Text = UNSET
    note: Text = UNSET
    created_at: Time = UNSET
    updated_at: Time = UNSET
    default_address: AddressPayload | None | UnsetType = UNSET
    addresses: list[AddressPayload] | None = None  # a withheld list is null, and not empty
    tags: str | None | UnsetType = UNSET
    email_marketing_consent: ConsentPayload | None | UnsetType = UNSET
    sms_marketing_consent: ConsentPayload | None | UnsetType = UNSET
    orders_count: Count | None | UnsetType = UNSET
    total_spent: Decimal | None | UnsetType = UNSET
    currency: str | None | UnsetType = UNSET


@dataclass(slots=True)
class CustomerNews:
    """All that one payload tells about customers."""

    customers: list[CustomerData] = field(default_factory=list)
    consents: list[ConsentData] = field(default_factory=list)
    tags: list[TagsData] = field(default_factory=list)
    totals: list[TotalsData] = field(default_factory=list)
    statistics: list[StatisticsData] = field(default_factory=list)


def customer_data(
    payload: CustomerPayload, *, told_at: datetime, triggered_at: datetime, order_id: int
) -> CustomerData:
    """The customer's own fields, with the version by which an older word is known."""
    default = default_of(payload.default_address, payload.addresses)
    address = address_data(default)
    country, region, city = address.codes if address else (None, None, None)
    return CustomerData(
        shopify_id=payload.id,
        updated_at=told_at,
        triggered_at=triggered_at,
        version_order_id=order_id,
        email=code(payload.email),
        phone=text(payload.phone),
        first_name=text(payload.first_name),
        last_name=text(payload.last_name),
        state=code(payload.state),
        language=text(payload.locale),
        note=text(payload.note),
        country=country,
        region=region,
        city=city,
        created_at=time(payload.created_at),
        address=address,
        addresses=others_of(default, payload.addresses),
    )


def customer_news(
    payload: CustomerPayload,
    envelope: Envelope,
    *,
    told_at: datetime | None = None,
    order_id: int = OWN_PAYLOAD,
) -> CustomerNews:
    """Everything that a customer object tells. `told_at`: when the order around it was updated."""
    version = time(payload.updated_at) or told_at or envelope.triggered_at or UNDATED
    triggered = envelope.triggered_at or version
    news = CustomerNews(
        [customer_data(payload, told_at=version, triggered_at=triggered, order_id=order_id)]
    )
    for channel, consent in (
        ("email", payload.email_marketing_consent),
        ("sms", payload.sms_marketing_consent),
    ):
        if isinstance(consent, ConsentPayload) and consent.state is not None:
            news.consents.append(consent_data(payload.id, channel, consent, envelope.topic))
    if isinstance(payload.tags, str):
        news.tags.append(TagsData(payload.id, tag_list(payload.tags), version, whole=True))
    if (
        isinstance(payload.orders_count, int)
        and isinstance(payload.total_spent, Decimal)
        and isinstance(payload.currency, str)
    ):
        spent = money(payload.total_spent)
        news.totals.append(
            TotalsData(payload.id, max(payload.orders_count, 0), spent, payload.currency, version)
        )
    return news


def consent_data(
    customer_id: int, channel: str, payload: ConsentPayload, source: str
) -> ConsentData:
    """One word on consent; Unreadable when the state is none of Shopify's."""
    state = (payload.state or "").lower()
    if state not in Consent.values:
        raise Unreadable("The consent's state is unknown.")
    at = time(payload.consent_updated_at) or UNDATED
    return ConsentData(customer_id, channel, state, code(payload.opt_in_level), source, at)


def map_customer(body: bytes, envelope: Envelope) -> CustomerNews:
    """customers/create, update, enable, disable."""
    return customer_news(decode(body, CustomerPayload), envelope)


class TagsPayload(Struct, rename="camel"):
    """customer.tags_added and customer.tags_removed."""

    customer_id: str
    tags: list[str]
    occurred_at: datetime


def map_tags(body: bytes, envelope: Envelope) -> CustomerNews:
    """Tags that were added or, by the topic's name, removed."""
    payload = decode(body, TagsPayload)
    customer_id = gid(payload.customer_id, "Customer")
    tags = tuple(dict.fromkeys(tag.strip() for tag in payload.tags if tag.strip()))
    added = envelope.topic != "customer.tags_removed"
    data = TagsData(customer_id, tags, aware(payload.occurred_at), present=added)
    return CustomerNews([CustomerData(customer_id)], tags=[data])


class EmailConsentPayload(Struct):
    """customers_email_marketing_consent/update."""

    customer_id: Id
    email_marketing_consent: ConsentPayload


def map_email_consent(body: bytes, envelope: Envelope) -> CustomerNews:
    """A word on e-mail consent."""
    payload = decode(body, EmailConsentPayload)
    customer_id, consent = payload.customer_id, payload.email_marketing_consent
    data = consent_data(customer_id, "email", consent, envelope.topic)
    return CustomerNews([CustomerData(customer_id)], consents=[data])


class SmsConsentPayload(Struct):
    """customers_marketing_consent/update, whose key of the customer is `id`."""

    id: Id
    sms_marketing_consent: ConsentPayload


def map_sms_consent(body: bytes, envelope: Envelope) -> CustomerNews:
    """A word on SMS consent."""
    payload = decode(body, SmsConsentPayload)
    data = consent_data(payload.id, "sms", payload.sms_marketing_consent, envelope.topic)
    return CustomerNews([CustomerData(payload.id)], consents=[data])


class AmountPayload(Struct, rename="camel"):
    """GraphQL's MoneyV2."""

    amount: Decimal
    currency_code: Currency


class SummaryPayload(Struct, rename="camel"):
    """customers/purchasing_summary."""

    customer_id: str
    number_of_orders: Count | Digits
    amount_spent: AmountPayload
    occurred_at: datetime


def map_summary(body: bytes, envelope: Envelope) -> CustomerNews:
    """Shopify's own totals of a customer."""
    payload = decode(body, SummaryPayload)
    customer_id = gid(payload.customer_id, "Customer")
    orders = int(payload.number_of_orders)
    if not 0 <= orders < 2**31:
        raise Unreadable("The number of orders is out of range.")
    spent = payload.amount_spent
    data = TotalsData(
        customer_id, orders, money(spent.amount), spent.currency_code, aware(payload.occurred_at)
    )
    return CustomerNews([CustomerData(customer_id)], totals=[data])


class MergePayload(Struct):
    """customers/merge."""

    admin_graphql_api_customer_kept_id: str
    admin_graphql_api_customer_deleted_id: str
    status: Text = UNSET


def map_merge(body: bytes, envelope: Envelope) -> MergeData | None:
    """The merge, or None when Shopify says that it did not come about."""
    payload = decode(body, MergePayload)
    if code(payload.status) == "failed":
        return None
    kept = gid(payload.admin_graphql_api_customer_kept_id, "Customer")
    deleted = gid(payload.admin_graphql_api_customer_deleted_id, "Customer")
    if kept == deleted:
        raise Unreadable("A customer cannot be merged into itself.")
    return MergeData(kept, deleted, envelope.triggered_at or UNDATED)
