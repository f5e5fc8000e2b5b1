"""What can go wrong between us and Shopify, each with what to do."""

from xeno.lib.errors import Mistake


class ShopifyError(Mistake):
    """The base: something at Shopify stood in the way."""

    code = "shopify_error"
    status = 502
    message = "Shopify did not do what it was asked."


class ShopifyUnreachable(ShopifyError):
    """No answer within the time, or one that says that Shopify itself is in trouble."""

    code = "shopify_unreachable"
    status = 503
    message = "Shopify cannot be reached now. It is tried again by itself."
    retryable = True


class ShopifyThrottled(ShopifyError):
    """The store's bucket of points is empty and stayed so; `wait` is in seconds."""

    code = "shopify_throttled"
    status = 503
    message = "Shopify asks us to slow down. It is tried again by itself."
    retryable = True

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class TokenRefused(ShopifyError):
    """The store's token is no longer good: uninstalled, revoked, or its refresh token expired."""

    code = "token_refused"
    status = 409
    message = "Shopify no longer accepts this store's token. Connect the store again."


class NotConnected(ShopifyError):
    """The store has no token: the app is not installed in it."""

    code = "not_connected"
    status = 409
    message = "This store is not connected to Shopify. Connect it first."


class ScopeMissing(ShopifyError):
    """The install lacks a scope that the question needs."""

    code = "scope_missing"
    status = 409
    message = "The store has not granted a scope that this needs. Connect it again to grant it."


class QueryRefused(ShopifyError):
    """Shopify does not understand the document: a bug of ours, or a retired API version."""

    code = "query_refused"
    message = "Shopify refused the question itself. Please report this."


def words_of(code: str) -> str:
    """What to tell a person of a trouble that was noted by its code alone."""
    waiting: list[type[ShopifyError]] = [ShopifyError]
    while waiting:
        kind = waiting.pop()
        if kind.code == code:
            return kind.message
        waiting += kind.__subclasses__()
    return f"{ShopifyError.message} ({code})"


class ShopNotValid(Mistake):
    """A text that is no shop's domain."""

    code = "shop_not_valid"
    message = "Give the store's own domain, such as your-store.myshopify.com."


class InstallRefused(Mistake):
    """The way back from Shopify does not fit the way there."""

    code = "install_refused"
    message = "The connection could not be completed. Start again from the button “Connect”."
