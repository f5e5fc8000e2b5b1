"""Two stores with a row in every table that the admin shows, and clients that are signed in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client

from campaigns.models import Campaign, LocalMail, Sender, Suppression, Template, Topic
from customers.models import ConsentChange, Customer, CustomerTag
from orders.models import Checkout, LineItem, Order, Product, Refund
from segments.models import Segment
from tenants.audit import Actor, save_audit
from tenants.models import ApiKey, Invitation, Tenant, User
from tenants.roles import Role
from webhooks.files.models import Export, Import
from webhooks.models import Delivery, Edit, PrivacyRequest, Sync
from xeno.lib.postgres.scope import tenant_scope

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Rows = SimpleNamespace


def fill(store: Tenant, name: str, actor: User) -> Rows:
    """One customer with an order, lines, a refund and so on, all marked with the name."""
    with tenant_scope(store.pk):
        told = {"updated_at": NOW, "triggered_at": NOW}
        customer = Customer.objects.create(
            shopify_id=1, first_name=name, last_name="Archer", email=f"{name.lower()}@shop.test",
            email_consent="subscribed", email_consent_at=NOW, country="GB", note=f"{name} notes",
            orders_count=1, total_spent=Decimal("19.90"), last_order_at=NOW,
        )  # fmt: skip
        CustomerTag.objects.create(
            customer=customer, tag=f"{name} fan", tag_key=f"{name} fan".lower(), changed_at=NOW
        )
        ConsentChange.objects.create(
            customer=customer, channel="email", state="subscribed", source=name, changed_at=NOW
        )
        order = Order.objects.create(
            shopify_id=2, name=f"#{name}", customer=customer, email=customer.email,
            amount=Decimal("29.90"), reported_amount=Decimal("19.90"), currency=store.currency,
            current_amount=Decimal("19.90"), refunded_amount=Decimal("10.00"),
            financial_status="partially_refunded", processed_at=NOW, created_at=NOW, **told,
        )  # fmt: skip
        LineItem.objects.create(
            shopify_id=3, order=order, customer=customer, ordered_at=NOW, title=f"{name} mug",
            quantity=2, current_quantity=1, price=Decimal("14.95"),
        )  # fmt: skip
        Refund.objects.create(
            shopify_id=4,
            order=order,
            amount=Decimal("10.00"),
            refunded_at=NOW,
            note=f"{name} broke",
        )
        product = Product.objects.create(shopify_id=5, title=f"{name} mug", **told)
        checkout = Checkout.objects.create(
            shopify_id=6, customer=customer, email=customer.email, amount=Decimal("5.00"),
            currency=store.currency, created_at=NOW, **told,
        )  # fmt: skip
        delivery = Delivery.objects.create(
            webhook_id=f"hook-{name}", topic="orders/create", state="parked", code="bad_json",
            reason=f"{name} is no JSON", body=f'{{"name":"{name}"}}'.encode(), body_hash=b"x" * 32,
            received_at=NOW + timedelta(minutes=1),
        )  # fmt: skip
        privacy = PrivacyRequest.objects.create(
            kind="redact", customer_shopify_id=1, delivery=delivery, due_at=NOW
        )
        audit = save_audit(
            actor=Actor(actor), action="customer.seen", target=customer, fields=[name]
        )
        member = store.memberships.get(user=actor)
        invitation = Invitation.objects.create(
            tenant=store, email=f"{name.lower()}@agency.test", role=Role.SUPPORT,
            invited_by=actor, expires_at=NOW,
        )  # fmt: skip
        key = ApiKey.objects.create(name=name, key_hash=name, made_by=actor)
        edit = Edit.objects.create(customer=customer, field="note", edited_at=NOW)
        sync = Sync.objects.create(state=Sync.State.DONE, started_at=NOW, finished_at=NOW)
        campaign = Campaign.objects.create(name=f"{name} news")
        address = f"{name.lower()}@gone.test"
        mail = LocalMail.objects.create(
            sender="news@shop.test", recipient=address, subject=f"{name} news",
            raw=b"Subject: News\r\n\r\nHello",
        )  # fmt: skip
        sender = Sender.objects.create(name=name, email=f"{name.lower()}@sender.test")
        topic = Topic.objects.create(name=f"{name} topic")
        suppression = Suppression.objects.create(address=address, reason="by_hand")
        template = Template.objects.create(name=f"{name} template", html="<p>Hello</p>")
        export = Export.objects.create(kind="customers", format="csv", user=actor)
        upload = Import.objects.create(file_name=f"{name}.csv", encoding="utf-8", user=actor)
        segment = Segment.objects.create(
            name=f"{name} fans", kind="dynamic", query="number_of_orders > 0"
        )
    return Rows(
        store=store, customer=customer, order=order, product=product, checkout=checkout,
        delivery=delivery, privacy=privacy, audit=audit, member=member,
        invitation=invitation, key=key, edit=edit, sync=sync, segment=segment,
        campaign=campaign, mail=mail, sender=sender, topic=topic, suppression=suppression,
        template=template, export=export, upload=upload,
    )  # fmt: skip


@pytest.fixture
def anas_rows(ana: User, anas_store: Tenant) -> Rows:
    return fill(anas_store, "Zelda", ana)


@pytest.fixture
def cys_rows(cy: User, cys_store: Tenant) -> Rows:
    return fill(cys_store, "Quentin", cy)


@pytest.fixture
def tara(anas_store: Tenant, cys_store: Tenant) -> User:
    """Somebody with two stores, who must choose."""
    from conftest import make_member
    from tenants import actions

    user = make_member(anas_store, "tara@example.com", Role.ADMIN)
    actions.save_member(tenant=cys_store, user=user, role=Role.SUPPORT)
    return user


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("root@example.com", "x")


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser in which the user is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def anas(signed_in: Callable[[User], Client], ana: User) -> Client:
    return signed_in(ana)


@pytest.fixture
def bens(signed_in: Callable[[User], Client], ben: User) -> Client:
    return signed_in(ben)
