"""A token is refreshed early, once, and never lost: neither by two workers nor by a kill."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from conftest import make_store
from tenants.models import Tenant
from tenants.shopify import oauth, tokens
from tenants.shopify.errors import NotConnected, ShopifyUnreachable, TokenRefused
from tests.shopify.conftest import SHOP


def connect(shop, *, minutes: float) -> Tenant:
    """The store, with a token of the shop's that is good for so long."""
    token = shop.grant("read_orders")
    store = Tenant.objects.filter(shop_domain=SHOP).first() or make_store(SHOP)
    store.access_token, store.refresh_token = token.access, token.refresh
    store.token_expires_at = timezone.now() + timedelta(minutes=minutes)
    store.save()
    return store


@pytest.mark.django_db
class TestOneWorker:
    def test_a_fresh_token_is_used_as_it_is(self, shop):
        store = connect(shop, minutes=30)

        assert tokens.get_token(tenant=store) == store.access_token
        assert len(shop.tokens) == 1

    def test_a_store_without_a_token_is_not_asked(self, shop):
        with pytest.raises(NotConnected):
            tokens.get_token(tenant=make_store(SHOP))

    def test_a_token_that_soon_expires_is_refreshed_and_kept_encrypted(self, shop):
        store = connect(shop, minutes=2)

        fresh = tokens.get_token(tenant=store)
        kept = Tenant.objects.get(pk=store.pk)
        assert shop.admits(fresh)
        assert (kept.access_token, kept.token_version) == (fresh, 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT access_token, refresh_token FROM tenants_tenant")
            assert fresh not in str(cursor.fetchall())

    def test_a_refresh_that_shopify_refuses_is_noted(self, shop):
        store = connect(shop, minutes=-1)
        shop.tokens.clear()

        with pytest.raises(TokenRefused):
            tokens.get_token(tenant=store)
        store.refresh_from_db()
        assert (store.trouble, bool(store.trouble_at)) == ("token_refused", True)

    def test_a_shopify_that_is_away_leaves_the_refresh_to_the_next(self, shop, monkeypatch):
        store = connect(shop, minutes=-1)
        shop.faults.broken = 1

        with pytest.raises(ShopifyUnreachable):
            tokens.get_token(tenant=store)
        assert shop.admits(tokens.get_token(tenant=store))

    def test_an_answer_that_was_lost_leaves_the_old_refresh_token_good(self, shop):
        store = connect(shop, minutes=-1)
        oauth.exchange_refresh_token(shop=SHOP, refresh_token=store.refresh_token)

        assert shop.admits(tokens.get_token(tenant=store))

    def test_a_dead_workers_lease_runs_out(self, shop, monkeypatch):
        store = connect(shop, minutes=-1)
        assert tokens.take_lease(store)
        monkeypatch.setattr(tokens, "PATIENCE_SECONDS", 0.0)
        with pytest.raises(ShopifyUnreachable):
            tokens.get_token(tenant=store)

        Tenant.objects.update(token_held_until=timezone.now() - timedelta(seconds=1))
        assert shop.admits(tokens.get_token(tenant=store))

    def test_f043_tokens_of_a_new_install_are_not_written_over(self, shop):
        store = connect(shop, minutes=-1)
        grant = oauth.exchange_refresh_token(shop=SHOP, refresh_token=store.refresh_token)
        Tenant.objects.update(access_token="of the new install", token_version=1)

        assert not tokens.save_grant(tenant=store, grant=grant, version=0)
        assert Tenant.objects.get().access_token == "of the new install"


@pytest.mark.django_db
class TestATokenThatIsRefused:
    """Although, by its date, it is still good."""

    def test_is_renewed_and_the_question_asked_again(self, shop):
        api = tokens.get_api(tenant=connect(shop, minutes=30))
        shop.tokens[0].access = "revoked"

        assert api.ask("shop").data["shop"]["myshopifyDomain"] == SHOP
        store = Tenant.objects.get()
        assert (shop.admits(store.access_token), store.token_version, store.trouble) == (
            True,
            1,
            "",
        )

    @pytest.mark.parametrize("refresh_token", ["", "unknown"])
    def test_for_good_is_noted_once(self, shop, refresh_token):
        connect(shop, minutes=30)
        Tenant.objects.update(access_token="unknown", refresh_token=refresh_token)
        noted = []

        for _ in range(2):
            with pytest.raises(TokenRefused):
                tokens.get_api(tenant=Tenant.objects.get()).ask("shop")
            noted.append(Tenant.objects.get())
        assert {(store.trouble, store.trouble_at) for store in noted} == {
            ("token_refused", noted[0].trouble_at)
        }
        assert noted[0].trouble_at

    def test_by_a_frozen_shop_is_forgotten_when_it_answers_again(self, shop):
        store = connect(shop, minutes=30)
        shop.faults.frozen = 9
        with pytest.raises(TokenRefused):
            tokens.get_api(tenant=store).ask("shop")
        assert Tenant.objects.get().trouble == "token_refused"
        shop.faults.frozen = 0

        tokens.get_api(tenant=store).ask("shop")
        store = Tenant.objects.get()
        assert (store.trouble, store.trouble_at) == ("", None)

    def test_is_not_renewed_over_the_tokens_of_a_new_install(self, shop):
        api = tokens.get_api(tenant=connect(shop, minutes=30))
        new = shop.grant()
        Tenant.objects.update(access_token=new.access, token_version=1)
        shop.tokens[0].access = "revoked"

        api.ask("shop")
        assert Tenant.objects.get().access_token == new.access


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_refreshes(shop):
    store = connect(shop, minutes=-1)
    found: list[str] = []

    def work() -> None:
        found.append(tokens.get_token(tenant=store))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(found) == 6
    assert len(set(found)) == 1
    assert Tenant.objects.get().token_version == 1
