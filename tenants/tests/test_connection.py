"""What Shopify says of the store: the newest word stands, and an uninstall drops the tokens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from tenants.connection import note_uninstall, save_details, save_scopes
from tenants.models import Tenant

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


@dataclass(frozen=True)
class Details:
    """One word of Shopify's on the store."""

    told_at: datetime | None = NOON
    name: str | None = None
    currency: str | None = None
    timezone: str | None = None
    plan: str | None = None


def kept(store: Tenant) -> Tenant:
    return Tenant.objects.get(pk=store.pk)


def test_what_is_told_is_taken_over_and_the_rest_stays(anas_store):
    save_details(tenant=anas_store, details=Details(currency="EUR", plan="plus"))

    store = kept(anas_store)
    assert (store.currency, store.plan) == ("EUR", "plus")
    assert (store.name, store.timezone) == ("Ana", "Europe/London")


def test_the_tenant_in_hand_follows(anas_store):
    save_details(tenant=anas_store, details=Details(currency="EUR"))

    assert anas_store.currency == "EUR"


def test_an_older_word_changes_neither_the_row_nor_the_tenant_in_hand(anas_store):
    save_details(tenant=anas_store, details=Details(minute(5), name="New"))

    save_details(tenant=anas_store, details=Details(minute(4), name="Old", currency="EUR"))

    assert (kept(anas_store).name, anas_store.name) == ("New", "New")
    assert anas_store.currency == "GBP"


@pytest.mark.parametrize("order", permutations([1, 2, 3]))
def test_the_newest_name_stands_in_any_order(anas_store, order):
    for at in order:
        save_details(tenant=anas_store, details=Details(minute(at), name=f"Name {at}"))

    assert kept(anas_store).name == "Name 3"


def test_a_time_zone_that_nobody_knows_is_left_and_the_rest_is_taken(anas_store):
    save_details(tenant=anas_store, details=Details(timezone="Mars/Olympus", name="Anew"))

    store = kept(anas_store)
    assert (store.timezone, store.name) == ("Europe/London", "Anew")


def test_another_stores_details_stay(anas_store, cys_store):
    save_details(tenant=anas_store, details=Details(name="Anew"))

    assert kept(cys_store).name == "Cy"


@pytest.mark.parametrize("order", permutations([(1, ["old"]), (2, []), (3, ["b", "a"])]))
def test_the_newest_scopes_stand_in_any_order(anas_store, order):
    for at, scopes in order:
        save_scopes(tenant=anas_store, scopes=scopes, told_at=minute(at))

    assert kept(anas_store).scopes == "a,b"


def test_scopes_without_a_time_are_believed(anas_store):
    save_scopes(tenant=anas_store, scopes=["old"], told_at=NOON)

    save_scopes(tenant=anas_store, scopes=["new"], told_at=None)

    assert kept(anas_store).scopes == "new"


def test_after_a_word_without_a_time_an_older_one_is_still_older(anas_store):
    for at, name in ((minute(5), "five"), (None, "undated"), (minute(1), "one")):
        save_details(tenant=anas_store, details=Details(at, name=name))
        save_scopes(tenant=anas_store, scopes=[name], told_at=at)

    assert (kept(anas_store).name, kept(anas_store).scopes) == ("undated", "undated")


def test_a_word_without_a_time_that_says_nothing_changes_nothing(anas_store):
    save_details(tenant=anas_store, details=Details(told_at=None))

    assert (kept(anas_store).name, kept(anas_store).details_at) == ("Ana", None)


@pytest.fixture
def installed(anas_store):
    """Ana's store, which got its tokens at noon."""
    anas_store.installed_at = NOON
    anas_store.access_token, anas_store.refresh_token = "shpat_a", "shprt_r"
    anas_store.save()
    return anas_store


def tokens(store: Tenant) -> tuple[str, str]:
    return kept(store).access_token, kept(store).refresh_token


def test_an_uninstall_drops_the_tokens_and_keeps_when(installed):
    note_uninstall(tenant=installed, uninstalled_at=minute(5))

    assert tokens(installed) == ("", "")
    assert kept(installed).uninstalled_at == minute(5)


@pytest.mark.parametrize("at", [-5, 0])
def test_a_late_word_on_an_earlier_install_drops_nothing(installed, at):
    note_uninstall(tenant=installed, uninstalled_at=minute(at))

    assert tokens(installed) == ("shpat_a", "shprt_r")
    assert kept(installed).uninstalled_at is None


def test_an_uninstall_without_a_time_is_one_of_now(installed):
    note_uninstall(tenant=installed, uninstalled_at=None)

    assert tokens(installed) == ("", "")
    assert kept(installed).uninstalled_at is not None


def test_a_store_that_was_never_installed_can_be_uninstalled(anas_store):
    note_uninstall(tenant=anas_store, uninstalled_at=NOON)

    assert kept(anas_store).uninstalled_at == NOON


def test_another_stores_tokens_stay(installed, cys_store):
    note_uninstall(tenant=cys_store, uninstalled_at=minute(5))

    assert tokens(installed) == ("shpat_a", "shprt_r")
