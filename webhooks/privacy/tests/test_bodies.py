"""Raw bodies: found by whom they name, and kept no longer than is said."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.rows import make_row
from webhooks.models import ApplierLease, Delivery, State
from webhooks.privacy import bodies
from webhooks.privacy.bodies import blank_span, drop_old_bodies, pattern_of

pytestmark = pytest.mark.usefixtures("in_anas_store")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"id":7700007}', True),
        (b'{"id":"gid://shopify/Customer/7700007"}', True),
        (b'{"id":77000071}', False),
        (b'{"id":17700007}', False),
        (b'{"email":"Kim@Example.com"}', True),
        (b'{"note":"\\u003ckim@example.com\\u003e"}', True),
        (b'{"email":"kimXexample.com"}', False),
        ('{"email":"j\u00f6rg@example.com"}'.encode(), True),
        (b'{"email":"j\\u00f6rg@example.com"}', True),
        (b'{"phone":"+44 (0) 7"}', True),
        (b"\xff\x00 7700007 \\", True),
        (b"", False),
    ],
)
def test_f114_a_body_that_names_somebody_is_found_however_it_is_written(in_anas_store, body, found):
    delivery = make_row(Delivery, body=body, state=State.APPLIED)
    words = ["kim@example.com", "j\u00f6rg@example.com", "+44 (0) 7", "me"]
    pattern = pattern_of(numbers=[7_700_007, 12], words=words)

    blank_span(tenant=in_anas_store, after=0, to=delivery.pk, pattern=pattern, keeping=None)

    delivery.refresh_from_db()
    assert (bytes(delivery.body) == b"") == (found or not body)
    assert (bytes(delivery.body_hash) == b"") == found


def put(days, state=State.APPLIED):
    return make_row(Delivery, state=state, received_at=timezone.now() - timedelta(days=days)).pk


def kept():
    return set(Delivery.objects.exclude(body=b"").values_list("pk", flat=True))


@pytest.mark.parametrize("span", [1, 2, 2000])
def test_raw_bodies_of_applied_deliveries_go_after_their_days(
    in_anas_store, settings, monkeypatch, span
):
    settings.RAW_BODY_DAYS, settings.RAW_BODY_DAYS_MOST = 14, 60
    monkeypatch.setattr(bodies, "SPAN", span)
    put(90), put(20), put(20, State.NOT_HANDLED), put(61, State.PARKED)
    stays = {put(20, State.PARKED), put(20, State.WAITING), put(90, State.PENDING)}
    put(15)
    stays |= {put(1), put(13)}

    assert drop_old_bodies(tenant=in_anas_store) == 5
    assert kept() == stays
    assert drop_old_bodies(tenant=in_anas_store) == 0


def test_what_was_resolved_late_goes_with_the_next_sweep(in_anas_store, settings):
    settings.RAW_BODY_DAYS = 14
    put(20)
    parked = put(20, State.PARKED)
    put(19)
    drop_old_bodies(tenant=in_anas_store)
    assert ApplierLease.objects.get().bodies_from < parked

    Delivery.objects.filter(pk=parked).update(state=State.APPLIED)

    assert drop_old_bodies(tenant=in_anas_store) == 1
    assert not kept()


def test_a_parked_one_that_grew_too_old_says_so(in_anas_store):
    old = put(61, State.WAITING)
    drop_old_bodies(tenant=in_anas_store)

    row = Delivery.objects.get(pk=old)
    assert (row.state, row.code) == (State.PARKED, "body_dropped")
