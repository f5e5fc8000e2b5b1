"""Every offered provider can be set, by what it asks for; a store's server is out in the public."""

import json
import socket

import pytest

from campaigns import rules
from campaigns.models import SendingSettings
from campaigns.providers.accounts import CredentialsNotValid
from campaigns.providers.anymail import CREDENTIALS
from campaigns.providers.base import ProviderAway
from campaigns.providers.choosing import provider_of
from campaigns.providers.public import PrivateHost, find_public
from campaigns.tests.sinks import sink
from tenants.audit import Actor

ACCOUNTS = [json.dumps({"provider": esp} | dict.fromkeys(k, "x")) for esp, k in CREDENTIALS.items()]


@pytest.fixture
def by_ana(in_anas_store, ana) -> dict:
    return {"actor": Actor(ana), "tenant": in_anas_store}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_each_provider_of_anymails_can_be_set_over_the_api(ana_api, in_anas_store, account):
    body = {"provider": "anymail", "credentials": account}

    told = ana_api.patch("/sending-settings", body, format="json")

    assert told.status_code == 200
    assert provider_of(in_anas_store).name == "anymail"


def test_an_account_is_one_that_the_chosen_provider_can_use(by_ana):
    server, account = "smtp+tls://u:p@mail.example.com", ACCOUNTS[0]
    for provider, wrong in (("smtp", account), ("anymail", server)):
        with pytest.raises(CredentialsNotValid):
            rules.edit_settings(**by_ana, changes={"provider": provider, "credentials": wrong})

    rules.edit_settings(**by_ana, changes={"provider": "smtp", "credentials": server})
    with pytest.raises(CredentialsNotValid):
        rules.edit_settings(**by_ana, changes={"provider": "anymail"})

    assert SendingSettings.objects.get().provider == "smtp"


@pytest.mark.parametrize(
    "url", ["pigeon", "consolemail://", "smtp://", "filemail://etc", "http://x"]
)
def test_what_is_no_mail_server_is_refused_without_a_word_of_it(by_ana, url):
    with pytest.raises(CredentialsNotValid) as error:
        rules.edit_settings(**by_ana, changes={"provider": "smtp", "credentials": url})

    assert url not in str(error.value)


PRIVATE = [
    "127.0.0.1", "10.0.0.5", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused_in_every_spelling(address):
    with pytest.raises(PrivateHost):
        find_public(address, 25)


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    answers = [(2, 1, 6, "", (each, 25)) for each in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)

    with pytest.raises(PrivateHost):
        find_public("mail.example.com", 25)
    del answers[1]
    assert find_public("mail.example.com", 25) == ["93.184.216.34"]


@pytest.mark.parametrize("scheme", ["smtp", "smtp+ssl"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_store_does_not_reach_into_the_installs_network(in_anas_store, settings, scheme, host):
    settings.SMTP_PRIVATE_HOSTS = False
    with sink() as (_, port):
        credentials = f"{scheme}://{host}:{port}"
        SendingSettings.objects.create(provider="smtp", credentials=credentials)

        with provider_of(in_anas_store).open() as session, pytest.raises(ProviderAway) as away:
            _ = session.server

    assert away.value.trouble == "private_host"


def test_where_the_setting_allows_it_a_store_does(in_anas_store, settings):
    settings.SMTP_PRIVATE_HOSTS = True
    with sink() as (_, port):
        SendingSettings.objects.create(provider="smtp", credentials=f"smtp://127.0.0.1:{port}")

        with provider_of(in_anas_store).open() as session:
            assert session.server.noop()[0] == 250


def test_the_installs_own_server_may_stand_beside_it(in_anas_store, settings):
    settings.SMTP_PRIVATE_HOSTS = False
    SendingSettings.objects.create(provider="smtp")
    with sink() as (_, port):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

        with provider_of(in_anas_store).open() as session:
            assert session.server.noop()[0] == 250


def test_a_server_out_in_the_public_is_greeted_by_its_name(settings, monkeypatch):
    """The address that was judged is connected to; the certificate is asked for by the name."""
    from campaigns.providers import public

    opened = []
    monkeypatch.setattr(public, "find_public", lambda host, port: ["127.0.0.1"])
    with sink() as (_, port):
        backend = public.PublicEmailBackend("mail.example.com", port, timeout=5)
        backend.open()
        server = backend.connection
        opened.append((server._host, server.sock.getpeername()[0]))
        server.close()

    assert opened == [("mail.example.com", "127.0.0.1")]


def test_the_api_says_when_the_provider_cannot_use_the_account(ana_api, in_anas_store):
    body = {"provider": "smtp", "credentials": ACCOUNTS[0]}

    told = ana_api.patch("/sending-settings", body, format="json")

    assert (told.status_code, told.json()["errors"][0]["code"]) == (409, "credentials_not_valid")
