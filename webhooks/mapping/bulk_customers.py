"""Lines of a bulk operation about customers: a customer's own, and those of their addresses."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from customers.data import (
    UNDATED,
    ConsentData,
    CustomerData,
    StatisticsData,
    TagsData,
    TotalsData,
)
from customers.models import Consent
from webhooks.mapping.addresses import AddressPayload, address_data, others_of
from webhooks.mapping.bulk import EmailNode, Node, Ref
from webhooks.mapping.customers import AmountPayload, CustomerNews
from webhooks.mapping.decoding import Count, Digits, Text, Time, aware, code, gid, money, text, time

SOURCE = "backfill"


class SmsConsentNode(Struct, rename="camel"):
    """The consent of a phone number."""

    state: str | None = None
    opt_in_level: str | None = None
    updated_at: datetime | None = None


class PhoneNode(Struct, rename="camel"):
    """A customer's phone number with its consent."""

    phone_number: str | None = None
    sms_marketing_consent: SmsConsentNode | None = None


class AddressNode(Node):
    """An address of a customer."""

    city: str | None = None
    province_code: str | None = None
    country_code_v2: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class StatisticsNode(Struct, rename="camel"):
    """What Shopify thinks of a customer."""

    rfm_group: str | None = None
    predicted_spend_tier: str | None = None


class ContactNode(Struct, rename="camel"):
    """That a customer buys for a company."""

    company: Ref


class CustomerNode(Node):
    """A customer."""

    updated_at: datetime
    created_at: Time = UNSET
    first_name: Text = UNSET
    last_name: Text = UNSET
    state: Text = UNSET
    locale: Text = UNSET
    note: Text = UNSET
    tags: list[str] | None = None
    number_of_orders: Count | Digits | None = None
    amount_spent: AmountPayload | None = None
    default_email_address: EmailNode | None | UnsetType = UNSET
    default_phone_number: PhoneNode | None | UnsetType = UNSET
    default_address: AddressNode | None | UnsetType = UNSET
    statistics: StatisticsNode | None = None
    product_subscriber_status: str | None = None
    company_contact_profiles: list[ContactNode] | None = None


def customer_news(
    node: CustomerNode, addresses: Sequence[AddressNode], read_at: datetime
) -> CustomerNews:
    """All that a customer's node tells, with those of its addresses."""
    customer_id = gid(node.id, "Customer")
    news = CustomerNews([customer_data(node, addresses, customer_id)])
    for channel, state, level, changed in consents_of(node):
        if state in Consent.values:
            at = aware(changed) if changed else UNDATED
            news.consents.append(ConsentData(customer_id, channel, state, level, SOURCE, at))
    if node.tags is not None:
        tags = tuple(dict.fromkeys(tag.strip() for tag in node.tags if tag.strip()))
        news.tags.append(TagsData(customer_id, tags, read_at, whole=True))
    if node.number_of_orders is not None and node.amount_spent:
        spent = node.amount_spent
        orders = min(max(int(node.number_of_orders), 0), 2**31 - 1)
        news.totals.append(
            TotalsData(customer_id, orders, money(spent.amount), spent.currency_code, read_at)
        )
    if node.statistics is not None:
        news.statistics.append(statistics_data(node, node.statistics, customer_id, read_at))
    return news


def statistics_data(
    node: CustomerNode, told: StatisticsNode, customer_id: int, read_at: datetime
) -> StatisticsData:
    """Shopify's own judgement; companies are None where the shop may not be asked for them."""
    contacts = node.company_contact_profiles
    companies = {gid(each.company.id, "Company") for each in contacts or ()}
    return StatisticsData(
        customer_id,
        read_at,
        rfm_group=told.rfm_group,
        spend_tier=told.predicted_spend_tier,
        subscriber_status=node.product_subscriber_status,
        companies=None if contacts is None else tuple(sorted(companies)),
    )


def payload_of(node: AddressNode) -> AddressPayload:
    """The address as webhooks tell it."""
    return AddressPayload(
        node.city,
        node.country_code_v2,
        node.province_code,
        gid(node.id, "MailingAddress"),
        node.latitude,
        node.longitude,
    )


def customer_data(
    node: CustomerNode, addresses: Sequence[AddressNode], customer_id: int
) -> CustomerData:
    """The customer's own fields. With a default address all others are told; a query that left
    it out told none."""
    email, phone = node.default_email_address, node.default_phone_number
    told = node.default_address
    default = payload_of(told) if isinstance(told, AddressNode) else told
    address = address_data(default)
    country, region, city = address.codes if address else (None, None, None)
    others = None if told is UNSET else others_of(default, [payload_of(each) for each in addresses])
    updated = aware(node.updated_at)
    return CustomerData(
        shopify_id=customer_id,
        updated_at=updated,
        triggered_at=updated,
        email=None if email is UNSET else code(email.email_address if email else None),
        email_open_tracking=(email.open_tracking_level if isinstance(email, EmailNode) else None),
        phone=None if phone is UNSET else text(phone.phone_number if phone else None),
        first_name=text(node.first_name),
        last_name=text(node.last_name),
        state=code(node.state),
        language=text(node.locale),
        note=text(node.note),
        country=country,
        region=region,
        city=city,
        created_at=time(node.created_at),
        address=address,
        addresses=others,
    )


def consents_of(node: CustomerNode) -> list[tuple[str, str, str | None, datetime | None]]:
    """Channel, state, level and time of each consent that is told."""
    told = []
    if isinstance(node.default_email_address, EmailNode):
        email = node.default_email_address
        level = code(email.marketing_opt_in_level)
        told.append(
            ("email", (email.marketing_state or "").lower(), level, email.marketing_updated_at)
        )
    if isinstance(node.default_phone_number, PhoneNode):
        sms = node.default_phone_number.sms_marketing_consent
        if sms:
            told.append(("sms", (sms.state or "").lower(), code(sms.opt_in_level), sms.updated_at))
    return told
