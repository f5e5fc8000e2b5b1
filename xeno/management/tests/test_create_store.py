"""A store from the command line: both are made, or neither, with a reason."""

import io

import pytest
from django.core.management import CommandError, call_command

from tenants.models import Membership, Tenant, User
from tenants.roles import Right, Role

GOOD = {
    "shop_domain": "new-shop.myshopify.com",
    "name": "New Shop",
    "owner_email": "olga@example.com",
    "currency": "GBP",
    "timezone": "Europe/London",
}
STRONG = "a long and winding password"


def create(monkeypatch: pytest.MonkeyPatch, password: str | None = STRONG, **changes: str) -> str:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    given = GOOD | changes
    domain = given.pop("shop_domain")
    stdin = password is not None
    call_command("create_store", domain, password_stdin=stdin, stdout=out, **given)
    return out.getvalue()


@pytest.mark.django_db
def test_makes_a_store_and_its_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    said = create(monkeypatch)

    store = Tenant.objects.get(shop_domain="new-shop.myshopify.com")
    owner = User.objects.get(email="olga@example.com")
    assert (store.name, store.currency, store.timezone) == ("New Shop", "GBP", "Europe/London")
    assert owner.check_password(STRONG)
    assert owner.has_perm(f"tenants.{Right.MANAGE_STORE.value}", store)
    assert "/webhook/shopify" in said
    assert STRONG not in said
    assert "keeps its password" not in said


def test_an_account_that_exists_owns_it_and_keeps_its_password(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = create(monkeypatch, password=STRONG, owner_email="ANA@example.com")

    membership = Membership.objects.get(tenant__shop_domain="new-shop.myshopify.com")
    assert (membership.user, membership.role) == (ana, Role.OWNER)
    assert User.objects.get(pk=ana.pk).password == ana.password
    assert "keeps its password" in said


def test_capitals_in_domain_and_currency_are_put_right(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(monkeypatch, shop_domain="New-Shop.MyShopify.com", currency="eur")

    assert Tenant.objects.get().shop_domain == "new-shop.myshopify.com"
    assert Tenant.objects.get().currency == "EUR"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shop_domain": "new-shop.example"}, "Use shop.myshopify.com"),
        ({"shop_domain": "a.b.myshopify.com"}, "Use shop.myshopify.com"),
        ({"timezone": "Mars/Olympus"}, "time zone such as Europe/London"),
        ({"currency": "pounds"}, "currency"),
        ({"name": " "}, "name"),
        ({"owner_email": "olga"}, "valid email address"),
        ({"owner_email": f"{'o' * 250}@example.com"}, "valid email address|at most 254"),
        ({"password": "short"}, "too short"),
        ({"password": "password1234"}, "too common"),
        ({"password": ""}, "--password-stdin"),
        ({"password": None}, "--password-stdin"),
    ],
)
def test_what_cannot_be_is_refused_whole(
    db: None, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        create(monkeypatch, **changes)

    assert not Tenant.objects.exists()
    assert not User.objects.exists()


def test_a_domain_that_is_taken_is_refused(
    anas_store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match=r"a store ana\.myshopify\.com already"):
        create(monkeypatch, shop_domain="ANA.myshopify.com")

    assert not Membership.objects.exists()
