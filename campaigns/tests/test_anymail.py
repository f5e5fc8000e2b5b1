"""A provider's API on a loopback port: what each of its answers means for a message."""

import json
import os
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from campaigns.models import SendingSettings
from campaigns.providers import anymail
from campaigns.providers.accounts import CredentialsNotValid
from campaigns.providers.anymail import AnymailProvider
from campaigns.providers.base import ProviderAway, TooSlow
from campaigns.providers.choosing import provider_of
from campaigns.sending.ready import Ready

TAKEN = {"ErrorCode": 0, "Message": "OK", "MessageID": "PM-7", "To": "kim@example.com"}


class Api:
    """Answers each request as told, and keeps what it was sent."""

    def __init__(self) -> None:
        self.status, self.body, self.wait, self.hang_up = 200, json.dumps(TAKEN), 0.0, False
        self.garble = False  # the answer is no TLS
        self.seen: list[dict] = []

    def handler(self):
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                api.seen.append(
                    json.loads(raw) | {"token": self.headers["X-Postmark-Server-Token"]}
                )
                time.sleep(api.wait)
                if api.hang_up:
                    self.connection.close()
                    return
                if api.garble:
                    os.write(self.connection.fileno(), b"HTTP/1.1 200 OK\r\n\r\n")
                    return
                body = api.body.encode()
                self.send_response(api.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        return Handler


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Api]:
    api = Api()
    server = ThreadingHTTPServer(("127.0.0.1", 0), api.handler())
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    api.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_port}/"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as api:
        yield api


@pytest.fixture
def certificate(tmp_path) -> str:
    """A file with a certificate of 127.0.0.1, which it gave itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    kind, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = tmp_path / "certificate.pem"
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, kind, plain))
    return str(path)


@pytest.fixture
def safe_api(certificate) -> Iterator[Api]:
    """The same within TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(context) as api:
        yield api


def ready(number=1, **given) -> Ready:
    told = {
        "id": number,
        "sender": "ana@shop.example",
        "sender_name": "Ana, the Shop",
        "reply_to": "",
        "recipient": "kim@example.com",
        "subject": "Spring is here",
        "html": "<p>Hello</p>",
        "text": "Hello",
        "message_id": "<1.2.3@shop.example>",
        "headers": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        "metadata": {"message": "1", "store": "7"},
    }
    return Ready(**told | given)


def hand_over(api, *messages):
    account = {"server_token": "T", "api_url": api.url}
    with AnymailProvider("postmark", account).open() as session:
        return session.hand_over(messages or [ready()])


def lose_answer(api):
    """What is known of two messages after the first one's answer was lost."""
    with pytest.raises(ProviderAway) as away:
        hand_over(api, ready(), ready(id=2))
    assert away.value.untried == [2]
    return away.value.outcomes


def test_what_is_taken_is_sent_with_the_providers_id(api):
    [outcome] = hand_over(api)

    assert (outcome.state, outcome.provider_id) == ("sent", "PM-7")
    [sent] = api.seen
    assert sent["From"] == '"Ana, the Shop" <ana@shop.example>'
    assert sent["Metadata"] == {"message": "1", "store": "7"}
    headers = {each["Name"]: each["Value"] for each in sent["Headers"]}
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Message-ID"] == "<1.2.3@shop.example>"
    assert sent["token"] == "T"


def test_an_inactive_recipient_is_a_failure(api):
    api.status = 422
    words = (
        "You tried to send to recipient(s) that have been marked as inactive. Found inactive"
        " addresses: kim@example.com. Inactive recipients are ones that have generated a hard"
        " bounce, a spam complaint, or a manual suppression."
    )
    api.body = json.dumps({"ErrorCode": 406, "Message": words})

    [outcome] = hand_over(api)

    assert outcome.state == "failed"
    assert "kim" not in outcome.code


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_message_that_is_refused_is_a_failure(api, status):
    api.status, api.body = status, "{}"

    [outcome] = hand_over(api)

    assert outcome.state == "failed"


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(401, "sign_in_refused"), (403, "sign_in_refused"), (429, "busy"), (503, "busy")],
)
def test_who_takes_nothing_from_us_is_away(api, status, trouble):
    api.status, api.body = status, "{}"

    with pytest.raises(ProviderAway) as away:
        hand_over(api, ready(1), ready(2))

    assert (away.value.trouble, list(away.value.untried)) == (trouble, [1, 2])


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_that_broke_may_have_taken_it(api, status):
    api.status, api.body = status, "oops"

    [outcome] = lose_answer(api)

    assert (outcome.state, outcome.code) == ("uncertain", f"http_{status}")


def test_an_answer_that_cannot_be_read_is_uncertain(api):
    api.body = "<html>"

    [outcome] = lose_answer(api)

    assert outcome.state == "uncertain"


def test_no_answer_in_time_is_uncertain(api, monkeypatch):
    monkeypatch.setattr(anymail, "SECONDS", 0.2)
    api.wait = 0.6

    [outcome] = lose_answer(api)

    assert (outcome.state, outcome.code) == ("uncertain", "no_answer")


def test_what_was_not_begun_in_time_is_untried(api):
    api.wait = 0.3
    with AnymailProvider("postmark", {"server_token": "T", "api_url": api.url}).open() as session:
        session.deadline.begin_seconds = 0.4
        with pytest.raises(TooSlow) as slow:
            session.hand_over([ready(number) for number in range(1, 6)])

    assert len(api.seen) == len(slow.value.outcomes)
    assert list(slow.value.untried) == list(range(len(api.seen) + 1, 6))


def test_what_was_begun_is_waited_for_as_long_as_the_few_may_take(api):
    api.wait = 3
    with AnymailProvider("postmark", {"server_token": "T", "api_url": api.url}).open() as session:
        session.deadline.end_seconds = 0.3
        begun = time.monotonic()
        with pytest.raises(ProviderAway) as away:
            session.hand_over([ready(1), ready(2)])

    assert time.monotonic() - begun < 2
    assert [outcome.state for outcome in away.value.outcomes] == ["uncertain"]
    assert away.value.untried == [2]


def test_a_connection_that_is_lost_is_uncertain(api):
    api.hang_up = True

    [outcome] = lose_answer(api)

    assert outcome.state == "uncertain"


def test_nobody_at_the_port_is_away(api):
    api.url = "http://127.0.0.1:9/"

    with pytest.raises(ProviderAway) as away:
        hand_over(api)

    assert away.value.trouble == "unreachable"


def test_a_certificate_that_is_not_believed_is_away(safe_api):
    with pytest.raises(ProviderAway) as away:
        hand_over(safe_api)

    assert (away.value.trouble, list(away.value.untried)) == ("unreachable", [1])
    assert safe_api.seen == []


def test_a_mistake_of_tls_in_the_answer_is_uncertain(safe_api, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    [sent] = hand_over(safe_api)
    safe_api.garble = True

    [outcome] = lose_answer(safe_api)

    assert (sent.state, outcome.state, outcome.code) == ("sent", "uncertain", "no_answer")
    assert len(safe_api.seen) == 2


def test_what_was_handed_over_before_it_went_away_is_known(api):
    outcomes = []

    def answer():
        return outcomes

    account = {"server_token": "T", "api_url": api.url}
    with AnymailProvider("postmark", account).open() as session:
        outcomes += session.hand_over([ready(1)])
        api.status = 503
        with pytest.raises(ProviderAway) as away:
            session.hand_over([ready(2), ready(3)])

    assert [o.state for o in answer()] == ["sent"]
    assert list(away.value.untried) == [2, 3]


@pytest.mark.parametrize(
    "given",
    [
        {"subject": "a\r\nBcc: all@example.com"},
        {"sender_name": "a\nb"},
        {"headers": {"List-Unsubscribe": "<x>\nBcc: y"}},
        {"recipient": "a@b.example, c@d.example"},
    ],
)
def test_no_text_becomes_a_header_or_a_second_recipient(api, given):
    [outcome] = hand_over(api, ready(**given))

    assert (outcome.state, outcome.code) == ("failed", "address")
    assert api.seen == []


def test_a_store_has_its_own_account(in_anas_store):
    text = json.dumps({"provider": "postmark", "server_token": "T"})
    SendingSettings.objects.create(provider="anymail", credentials=text)

    provider = provider_of(in_anas_store)

    assert (provider.esp, provider.account) == ("postmark", {"server_token": "T"})


@pytest.mark.parametrize(
    "text",
    [
        "secret",
        "[]",
        '{"provider": "test"}',
        '{"provider": ["x"]}',
        '{"provider": "postmark"}',
        '{"provider": "postmark", "server_token": 1}',
        '{"provider": "postmark", "server_token": "T", "api_url": "http://169.254.169.254/"}',
    ],
)
def test_an_account_says_what_its_provider_asks_for_and_nothing_else(in_anas_store, text):
    SendingSettings.objects.create(provider="anymail", credentials=text)

    with pytest.raises(CredentialsNotValid) as error:
        provider_of(in_anas_store)

    assert "secret" not in str(error.value)


def test_an_install_without_a_provider_of_anymails_is_told_so(settings):
    settings.CAMPAIGN_ANYMAIL = ""

    with pytest.raises(ProviderAway) as away, AnymailProvider("").open():
        pass

    assert away.value.trouble == "not_configured"
