"""Everybody who asks in the tables of rights, and what may be expected of each of them."""

from dataclasses import dataclass

from django.utils import timezone

from conftest import PASSWORD, make_member, make_store
from tenants.audit import Actor
from tenants.keys import make_key
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tenants.tests.test_roles import MAY
from tests.canaries import Asked, Shops
from tests.rights.routes import ROWS
from tests.visits import Visitor, bearer
from xeno.lib.postgres.scope import tenant_scope

ROLES = tuple(MAY)  # the table of roles as the tests have it, not as tenants/roles.py has
FOR_KEYS = frozenset(MAY["owner"]) - {"manage_team"}
PEOPLE = (*ROLES, "stranger", "newcomer")
KEYS = ("key with the right", "key without it")
EVERYBODY = (*PEOPLE, *KEYS, "nobody")


@dataclass(frozen=True)
class Cast:
    """A member of each role in Ana's store, Cy who owns another, somebody who has none."""

    shops: Shops
    third_store: Tenant
    users: dict[str, User]
    programs: dict[str, Visitor]
    browsers: dict[str, Visitor]
    keys: dict[tuple[str, str], Visitor]
    asked: Asked

    @property
    def store(self) -> Tenant:
        """Whose store the tables are about."""
        return self.shops.ana.tenant

    @property
    def foreign_store(self) -> Tenant:
        """The stranger's."""
        return self.shops.cy.tenant

    def program(self, name: str, needs: str) -> Visitor:
        """The program of a person, or a key that holds what is needed, or all but that."""
        return self.programs.get(name) or self.keys[name, needs if for_keys(needs) else ""]


def gather(shops: Shops) -> Cast:
    """Everybody with an account, a browser and a program that are signed in; and a member whom
    the others may change or remove."""
    store, third = shops.ana.tenant, make_store("third.myshopify.com")
    users = {role: make_member(store, f"{role}@example.com", Role(role)) for role in ROLES}
    users["newcomer"] = User.objects.create_user("newcomer@example.com", PASSWORD)
    users["stranger"], users["operator"] = shops.cy.owner, shops.operator
    for user in users.values():
        user.set_password(PASSWORD)
        user.email_confirmed_at = timezone.now()
        user.save()
    make_member(store, "target@example.com", Role.AUTHOR)
    make_member(third, "third@example.com", Role.OWNER)
    target = Membership.objects.get(user__email="target@example.com")
    nobody, asked = Visitor(None), shops.ana.asked
    programs = {name: bearer(user) for name, user in users.items()} | {"nobody": nobody}
    browsers = {
        name: Visitor(user, store=store if name == "operator" else None)
        for name, user in users.items()
    } | {"nobody": nobody}
    for visitor in (*programs.values(), *browsers.values()):
        visitor.begin()
    asked = Asked({**asked.ids, Membership: target.pk}, asked.email, asked.domain)
    return Cast(shops, third, users, programs, browsers, make_keys(store, users["owner"]), asked)


def make_keys(store: Tenant, owner: User) -> dict[tuple[str, str], Visitor]:
    """For each right a key that holds it alone and one that holds all but it; for "" all. Of
    several rights, one that holds just them and one that lacks the last."""
    held = {(KEYS[0], right): {right} for right in FOR_KEYS}
    held |= {(KEYS[1], right): FOR_KEYS - {right} for right in FOR_KEYS}
    held |= {(name, ""): FOR_KEYS for name in KEYS}
    for needs in (row.needs for row in ROWS if "+" in row.needs):
        held[KEYS[0], needs] = rights_in(needs)
        held[KEYS[1], needs] = FOR_KEYS - {needs.rpartition("+")[2]}
    with tenant_scope(store.pk):
        made = {
            which: make_key(actor=Actor(owner), tenant=store, name="ERP", rights=rights)
            for which, rights in held.items()
        }
    return {which: Visitor(None, Authorization=f"Bearer {key.raw}") for which, key in made.items()}


def ids_of(asked: Asked) -> dict[str, int]:
    """The ids that a path may name: each model's by its name, such as {customer}."""
    return {model.__name__.lower(): pk for model, pk in asked.ids.items()}


def holds(name: str, needs: str) -> bool:
    """Whether a member or a key does what is needed in Ana's store."""
    if name in KEYS:
        return name == KEYS[0] and for_keys(needs)
    own = needs == "OWNER" and name == "owner"
    return needs == "MEMBER" or own or rights_in(needs) <= set(MAY[name])


def rights_in(needs: str) -> set[str]:
    """The rights of a line that names several, such as view_segments+view_customers."""
    return set(needs.split("+"))


def for_keys(needs: str) -> bool:
    """Whether an API key can hold what is needed."""
    return rights_in(needs) <= FOR_KEYS


def expected(name: str, needs: str) -> tuple[int, str] | None:
    """The refusal that they get, as status and code; None for somebody who may."""
    if needs == "PUBLIC" or (needs == "SIGNED_IN" and name in PEOPLE):
        return None
    if needs == "SHOPIFY":
        return 401, "bad_signature"
    if name == "nobody":
        return 401, "not_authenticated"
    if name == "newcomer":
        return 409, "no_store"
    if name == "stranger":
        return 404, "store_not_found"
    if name in KEYS and needs in ("SIGNED_IN", "MEMBER"):
        return 403, "person_required"
    if needs == "OWNER" and name == "admin":
        return 403, "owners_only"
    return None if holds(name, needs) else (403, "right_missing")
