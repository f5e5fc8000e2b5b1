"""The stand-in's HTTP server: OAuth, the Admin API, bulk files."""

import hmac
import html
import json
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from xeno.demo.shopify import bulk, graph
from xeno.demo.shopify.world import ACCESS_SECONDS, REFRESH_SECONDS, Shop, Token

Json = dict[str, Any]
LONGEST_BODY = 4 * 1024 * 1024
CONSENT_PAGE = """<!doctype html><meta charset="utf-8"><title>Install app</title>
<meta name="viewport" content="width=device-width"><style>body{{font:16px system-ui;max-width:32rem;
margin:10vh auto;padding:0 1rem}}button{{font:inherit;padding:.6rem 1.2rem}}</style>
<h1>Install Xeno CRM in {shop}?</h1><p>This page stands in for Shopify. The app asks for:</p>
<ul>{scopes}</ul><form method="post">{fields}<button>Install</button></form>"""


SHOPS_PAGE = """<!doctype html><meta charset="utf-8"><title>Shops</title>
<meta name="viewport" content="width=device-width"><style>body{{font:16px system-ui;max-width:32rem;
margin:10vh auto;padding:0 1rem}}button{{font:inherit;padding:.3rem .8rem}}</style>
<h1>Shops</h1><p>This page stands in for Shopify. The app is installed in:</p><ul>{shops}</ul>"""
SHOP_LINE = """<li><form method="post" action="/shops/{shop}/uninstall">{shop}
<button>Uninstall</button></form></li>"""


class Standin(ThreadingHTTPServer):
    """Shopify on a port of this machine: any number of shops, one app with its secret."""

    daemon_threads = True

    def __init__(self, *, secret: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.secret = secret
        self.shops: dict[str, Shop] = {}

    @property
    def url(self) -> str:
        """Where it answers; the app's SHOPIFY_FAKE_URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def shop(self, domain: str) -> Shop:
        """The shop of this domain, new when it was not there."""
        return self.shops.setdefault(domain, Shop(domain))

    def let_go(self, domain: str) -> None:
        """The merchant uninstalls the app: its tokens are good for nothing from now on."""
        self.shop(domain).end_tokens()


@contextmanager
def running(*, secret: str, port: int = 0) -> Iterator[Standin]:
    """A stand-in that answers until the block ends."""
    server = Standin(secret=secret, port=port)
    # It looks so often whether it is to end; by default its end would be waited for half a second.
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Standin
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: who runs it looks at the app."""

    def do_GET(self) -> None:  # the base class's name
        """The consent page and the files of bulk operations."""
        path = urlsplit(self.path).path.split("/")
        match path:
            case ["", "shops", shop, "admin", "oauth", "authorize"]:
                self.show_consent(shop)
            case ["", ""]:
                self.show_shops()
            case ["", "bulk", shop, name]:
                self.send_lines(shop, name)
            case _:
                self.say(404, {"errors": "Not Found"})

    def do_POST(self) -> None:
        """OAuth's answers and the Admin API."""
        path = urlsplit(self.path).path.split("/")
        match path:
            case ["", "shops", shop, "admin", "oauth", "authorize"]:
                self.approve(shop)
            case ["", "shops", shop, "uninstall"] if shop in self.server.shops:
                self.body()
                self.server.let_go(shop)
                self.redirect("/")
            case ["", "shops", shop, "admin", "oauth", "access_token"]:
                self.give_token(self.server.shop(shop))
            case ["", "shops", shop, "admin", "api", _, "graphql.json"]:
                self.ask(self.server.shop(shop))
            case _:
                self.say(404, {"errors": "Not Found"})

    # --- OAuth --------------------------------------------------------------------------
    def show_consent(self, shop: str) -> None:
        """The page on which the merchant approves."""
        asked = dict(parse_qsl(urlsplit(self.path).query))
        scopes = "".join(f"<li>{html.escape(s)}</li>" for s in asked.get("scope", "").split(","))
        fields = "".join(
            f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}">'
            for k, v in asked.items()
        )
        page = CONSENT_PAGE.format(shop=html.escape(shop), scopes=scopes, fields=fields)
        self.send(200, page.encode(), "text/html; charset=utf-8")

    def approve(self, shop: str) -> None:
        """Send the merchant back, with a code and Shopify's signature."""
        asked = dict(parse_qsl(self.body().decode()))
        code = secrets.token_hex(16)
        known = self.server.shop(shop)
        known.codes.add(f"{code}:{asked.get('scope', '')}")
        told = {
            "code": code,
            "shop": shop,
            "state": asked.get("state", ""),
            "timestamp": str(int(time.time())),
        }
        text = "&".join(f"{key}={value}" for key, value in sorted(told.items()))
        told["hmac"] = hmac.new(self.server.secret.encode(), text.encode(), sha256).hexdigest()
        self.redirect(f"{asked.get('redirect_uri', '')}?{urlencode(told)}")

    def show_shops(self) -> None:
        """The page on which the merchant uninstalls."""
        names = sorted(name for name, shop in self.server.shops.items() if shop.tokens)
        lines = [SHOP_LINE.format(shop=html.escape(name)) for name in names]
        page = SHOPS_PAGE.format(shops="".join(lines) or "<li>none</li>")
        self.send(200, page.encode(), "text/html; charset=utf-8")

    def give_token(self, shop: Shop) -> None:
        """Tokens for a code, once, or for a refresh token."""
        if self.goes_wrong(shop):
            return None
        asked = dict(parse_qsl(self.body().decode()))
        if asked.get("client_secret") != self.server.secret:
            return self.say(400, {"error": "invalid_client"})
        token: Token | None = None
        if asked.get("grant_type") == "refresh_token":
            token = shop.refresh(asked.get("refresh_token", ""))
        else:
            code = next((c for c in shop.codes if c.startswith(f"{asked.get('code')}:")), None)
            if code:
                shop.codes.discard(code)
                token = shop.grant(code.partition(":")[2])
        if token is None:
            return self.say(400, {"error": "invalid_grant"})
        told: Json = {"access_token": token.access, "scope": ",".join(sorted(shop.scopes))}
        told |= {"expires_in": ACCESS_SECONDS, "refresh_token": token.refresh}
        return self.say(200, told | {"refresh_token_expires_in": REFRESH_SECONDS})

    # --- The Admin API ------------------------------------------------------------------
    def ask(self, shop: Shop) -> None:
        """One question in GraphQL."""
        if self.goes_wrong(shop):
            return
        body = self.body()  # read in any case: what stays unread would be the next request
        if not shop.admits(self.headers.get("X-Shopify-Access-Token", "")):
            self.say(401, {"errors": "[API] Invalid API key or access token"})
            return
        self.say(200, graph.answer(shop, self.server.url, json.loads(body)))

    def send_lines(self, domain: str, name: str) -> None:
        """The file of a bulk operation."""
        operation = self.server.shop(domain).bulk.get(int(name.removesuffix(".jsonl")))
        if operation is None:
            self.say(404, {"errors": "Not Found"})
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/jsonl")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.stream(bulk.lines(operation))

    def stream(self, lines: Iterable[bytes]) -> None:
        """Send the lines in pieces; who hangs up has read enough."""
        try:
            kept: list[bytes] = []
            for line in lines:
                kept.append(line)
                if len(kept) >= 500:
                    self.wfile.write(b"".join(kept))
                    kept.clear()
            self.wfile.write(b"".join(kept))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def goes_wrong(self, shop: Shop) -> bool:
        """Whether this answer is one of those that were ordered to go wrong."""
        faults = shop.faults
        if faults.slow_seconds:
            time.sleep(faults.slow_seconds)
        for name, status in (("too_many", 429), ("broken", 503), ("frozen", 402)):
            if faults.take(name):
                self.body()
                wait = {"Retry-After": faults.retry_after} if faults.retry_after else {}
                self.say(status, {"errors": "ordered"}, wait)
                return True
        if faults.take("dropped"):
            self.close_connection = True
            return True
        return False

    # --- HTTP ---------------------------------------------------------------------------
    def body(self) -> bytes:
        """The request's body."""
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LONGEST_BODY))

    def redirect(self, url: str) -> None:
        """Lead the browser on."""
        self.send_response(302)
        self.send_header("Location", url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def say(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        """Answer with JSON."""
        self.send(status, json.dumps(body).encode(), "application/json", headers)

    def send(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        """Answer with these bytes."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
