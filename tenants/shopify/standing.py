"""How a store's connection stands, in words: what staff see, and what they can do about it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils import timezone

from tenants.models import Tenant
from tenants.shopify.errors import NotConnected, TokenRefused, words_of
from tenants.shopify.scopes import ALL_ORDERS

DEAD = (TokenRefused.code, NotConnected.code)


class State(TextChoices):
    """Whether Shopify and this install know each other."""

    CONNECTED = "connected", "connected"
    IN_TROUBLE = "in_trouble", "in trouble"
    TOKEN_DEAD = "token_dead", "disconnected"  # no secret
    UNINSTALLED = "uninstalled", "uninstalled"
    NEVER = "not_connected", "not connected"


KINDS: dict[State, str] = {
    State.CONNECTED: "success",
    State.IN_TROUBLE: "warning",
    State.TOKEN_DEAD: "danger",
    State.UNINSTALLED: "danger",
    State.NEVER: "",
}
SAYS: dict[State, str] = {
    State.CONNECTED: "What changes in the shop arrives here by itself.",
    State.TOKEN_DEAD: TokenRefused.message,
    State.UNINSTALLED: "Nothing new arrives, and nothing is sent. Team and data are kept until"
    " Shopify asks for their erasure; connect again and it goes on where it was.",
    State.NEVER: "Connect the store: its customers, orders and products come by themselves.",
}


class History(TextChoices):
    """How much of the store's past is held."""

    COMPLETE = "complete", "complete"
    COMING = "coming", "on its way"
    LIMITED = "limited", "incomplete"


@dataclass(frozen=True, slots=True)
class Standing:
    """The state, since when, and what it means; `kind` is the colour of its label."""

    state: State
    since: datetime | None
    says: str

    @property
    def kind(self) -> str:
        """The colour."""
        return KINDS[self.state]

    @property
    def connected(self) -> bool:
        """Whether Shopify and we know each other, though there may be trouble."""
        return self.state in (State.CONNECTED, State.IN_TROUBLE)


def standing_of(store: Tenant) -> Standing:
    """How the connection stands; reads no token, so that a row without its secrets will do."""
    if store.uninstalled_at:
        return Standing(State.UNINSTALLED, store.uninstalled_at, SAYS[State.UNINSTALLED])
    if not store.installed_at:
        return Standing(State.NEVER, None, SAYS[State.NEVER])
    spent = store.refresh_expires_at
    if store.trouble in DEAD or (spent and spent < timezone.now()):
        since = store.trouble_at if store.trouble in DEAD else spent
        return Standing(State.TOKEN_DEAD, since, SAYS[State.TOKEN_DEAD])
    if store.trouble:
        return Standing(State.IN_TROUBLE, store.trouble_at, words_of(store.trouble))
    return Standing(State.CONNECTED, store.installed_at, SAYS[State.CONNECTED])


def history_of(store: Tenant) -> History:
    """Whether all orders are here, may come, or are withheld by Shopify."""
    if store.history_complete:
        return History.COMPLETE
    return History.COMING if ALL_ORDERS in scopes_of(store) else History.LIMITED


def scopes_of(store: Tenant) -> list[str]:
    """What the store granted, as it was last told."""
    return [scope for scope in store.scopes.split(",") if scope]


def lacks_history(store: Tenant) -> bool:
    """Whether a connected store shows us orders of the last 60 days alone."""
    known = store.installed_at and not store.uninstalled_at
    return bool(known) and history_of(store) == History.LIMITED
