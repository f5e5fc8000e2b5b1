"""Calls to Shopify: time-outs, few retries, no redirects, nothing personal in logs."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
import structlog
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from tenants.shopify.errors import ShopifyUnreachable

log = structlog.get_logger(__name__)

CONNECT_SECONDS, READ_SECONDS = 5, 30
RETRIES = 4
# A shop that asks for more patience than this is asked again by a later task.
LONGEST_PAUSE = 20
BUSY = (429, 500, 502, 503, 504)
# Where Shopify lays the files of bulk operations; no other host is asked for one.
FILE_HOSTS = ("storage.googleapis.com",)
PIECE = 256 * 1024


@cache
def client(repeatable: bool) -> requests.Session:
    """A session of this process, without cookies; repeats what has no effect, or had none.

    A question may be asked again after any failure. What changes something is repeated only
    when it cannot have arrived (no connection) or was turned away (429).
    """
    retry = Retry(
        total=RETRIES,
        connect=RETRIES,
        read=RETRIES if repeatable else 0,
        redirect=0,
        status=RETRIES,
        allowed_methods=None,
        status_forcelist=BUSY if repeatable else (429,),
        backoff_factor=0.5,
        backoff_jitter=0.25,
        backoff_max=LONGEST_PAUSE,
        retry_after_max=LONGEST_PAUSE,
        raise_on_status=False,
    )
    session = requests.Session()
    session.trust_env = False  # no proxy, no .netrc: the host that was checked is the one asked
    session.cookies.set_policy(NoCookies())
    adapter = HTTPAdapter(max_retries=retry)
    session.mount("https://", adapter)
    session.mount("http://", adapter)  # reached only by a fake Shopify: shop.base_url decides
    return session


class NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined,misc]
    """One store's cookie must not travel with another's question."""

    def set_ok(self, *args: Any) -> Literal[False]:
        return False

    def return_ok(self, *args: Any) -> Literal[False]:
        return False


def post(
    url: str,
    *,
    json: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    repeatable: bool = False,
) -> requests.Response:
    """The answer to one POST, whatever its status; ShopifyUnreachable when there is none."""
    try:
        return client(repeatable).post(
            url,
            json=json,
            data=form,
            headers={"Accept": "application/json", **(headers or {})},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
    except requests.RequestException as error:
        # The class alone: a message may quote the URL, and through it the shop.
        log.warning("shopify_unreachable", error=type(error).__name__)
        raise ShopifyUnreachable from error


def read_lines(url: str) -> Iterator[bytes]:
    """The lines of a bulk operation's file, as they come; ShopifyUnreachable when it breaks off.

    Raises it too for an address that is none of Shopify's.
    """
    if not is_file_address(url):
        log.error("bulk_address_refused")
        raise ShopifyUnreachable
    try:
        with client(True).get(
            url, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False
        ) as response:
            if response.status_code != 200:
                raise ShopifyUnreachable
            rest = b""
            for piece in response.iter_content(PIECE):
                *lines, rest = (rest + piece).split(b"\n")
                yield from lines
            if rest:
                yield rest
    except requests.RequestException as error:
        log.warning("bulk_file_broke_off", error=type(error).__name__)
        raise ShopifyUnreachable from error


def is_file_address(url: str) -> bool:
    """Whether Shopify, or its stand-in, lays files there."""
    if settings.SHOPIFY_FAKE_URL and url.startswith(f"{settings.SHOPIFY_FAKE_URL}/"):
        return True
    parts = urlsplit(url)
    return parts.scheme == "https" and parts.hostname in FILE_HOSTS and not parts.username
