"""What staff see of edits on their way, and what they can do about those that were refused."""

import pytest

from conftest import PASSWORD, make_member
from tenants.models import AuditEntry
from tenants.roles import Role
from tests.outbox.conftest import DEE, edit, later, send
from webhooks.models import Edit
from webhooks.outbox.display import LATER

LIST = "/admin/webhooks/edit/"


@pytest.fixture
def browser(client, store):
    """Of somebody who manages the store."""
    user = make_member(store, "ana@example.com", Role.OWNER)
    assert client.login(username=user.email, password=PASSWORD)
    return client


@pytest.fixture
def parked(store, shop, dee) -> Edit:
    shop.customer(DEE)["tags"] = [f"t{n}" for n in range(250)]
    edit(store, add_tags=["New"])
    send(store)
    return Edit.objects.get()


def text_of(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_refusal_is_shown_with_its_reason_in_the_list_and_at_the_customer(browser, parked):
    assert parked.state == "parked"

    paths = (
        LIST,
        f"{LIST}?state=parked",
        f"{LIST}{parked.pk}/change/",
        f"/admin/customers/customer/{parked.customer_id}/change/",
    )
    for path in paths:
        assert "Tags cannot be more than 250" in text_of(browser, path), path
    assert "Tags cannot be more than" not in text_of(browser, f"{LIST}?state=sent")


def test_a_replay_puts_it_back_in_line_and_is_audited(browser, shop, store, parked):
    shop.customer(DEE)["tags"] = []

    browser.post(LIST, {"action": "replay", "_selected_action": [parked.pk]})
    assert AuditEntry.objects.filter(action="edit.replayed").count() == 1
    assert send(store) == {"tags": "sent"}


def test_what_waits_says_what_is_the_matter_with_the_store(browser, shop, store, dee):
    edit(store, note="Rang us")
    shop.tokens.clear()
    send(store)

    page = text_of(browser, LIST)
    assert "Shopify no longer accepts this store" in page
    assert "Rang us" not in page


def test_what_was_overtaken_says_that_the_later_word_stands(browser, shop, store, dee):
    edit(store, note="ours")
    shop.customer(DEE).update(note="theirs", updated_at=later(hours=1))
    assert send(store) == {"note": "overtaken"}

    for path in (LIST, f"/admin/customers/customer/{dee.pk}/change/"):
        assert LATER in text_of(browser, path)
