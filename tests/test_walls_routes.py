"""Every route, asked by Cy for what is Ana's: the answer is the one for what does not exist.

Rows 72, 74 and 83 of the faults. A route that is not listed here fails.
"""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import URLResolver, get_resolver

from campaigns.models import Campaign, LocalMail, Sender, Suppression, Template, Topic
from customers.models import Customer
from orders.models import Checkout, Order, Product
from segments.models import Segment, SegmentJob
from tenants.models import ApiKey, AuditEntry, Invitation, Membership, Tenant, User
from tests.canaries import ANA, CY
from tests.rows import make_row
from tests.visits import METHODS, WRITING, Visitor, bearer
from webhooks.middleware import PATHS
from webhooks.models import Delivery, Edit, Export, Import, PrivacyRequest, Sync
from xeno.lib.api.errors import PAGES as PAGES_OF_PEOPLE
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.usefixtures("transactional_db")

# The pages of every admin class, and whose rows they are about.
ADMINS = {
    "tenants/tenant": Tenant,
    "tenants/membership": Membership,
    "tenants/invitation": Invitation,
    "tenants/apikey": ApiKey,
    "tenants/user": User,
    "tenants/auditentry": AuditEntry,
    "customers/customer": Customer,
    "segments/segment": Segment,
    "campaigns/campaign": Campaign,
    "campaigns/localmail": LocalMail,
    "campaigns/suppression": Suppression,
    "campaigns/sender": Sender,
    "campaigns/topic": Topic,
    "campaigns/template": Template,
    "orders/order": Order,
    "orders/product": Product,
    "orders/checkout": Checkout,
    "webhooks/delivery": Delivery,
    "webhooks/privacyrequest": PrivacyRequest,
    "webhooks/sync": Sync,
    "webhooks/edit": Edit,
    "webhooks/export": Export,
    "webhooks/import": Import,
}
PAGES = ("", "add/")
SEGMENT_PAGES = ("read", "count", "values", "templates", "transfer", "export-all", "fetch")
SEGMENT_ROW_PAGES = ("edit", "growth", "export", "duplicate", "move", "tag")
CAMPAIGN_ROW_PAGES = (
    "audience", "content", "words", "look", "preview", "people", "test", "plan", "progress",
    "approve", "schedule", "send", "pause", "resume", "cancel", "copy", "report",
    "messages", "settle",
)  # fmt: skip
CAMPAIGN_STEPS = ("copy", "approve", "schedule", "send", "pause", "resume", "cancel")
CAMPAIGN_READS = ("plan", "check", "messages", "messages/export", "preview", "test", "report")
ANALYTICS = ("overview", "revenue", "customer-growth", "top-customers", "top-products", "cohorts",
             "rfm", "predictions")  # fmt: skip
# One's own account has no id in its address.
ACCOUNT_PAGES = (
    "", "name", "timezone", "password", "confirmation", "sign-ins/end", "two-factor",
    "two-factor/start", "two-factor/confirm", "two-factor/codes", "two-factor/off", "reset",
)  # fmt: skip
AUTH = (
    "email/confirm", "email/confirm/resend", "login", "logout", "logout-everywhere", "me",
    "password/change", "password/reset", "password/reset/confirm", "refresh", "sessions", "signup",
    "two-factor", "two-factor/confirm", "two-factor/recovery-codes", "two-factor/turn-off",
)  # fmt: skip
NO_SIGN_IN = "00000000-0000-4000-8000-000000000000"
ROW_PAGES = ("", "history/", "delete/", "change/")
# What asks first and then acts on the row.
ASKING_PAGES = {"tenants/membership": "transfer/", "tenants/invitation": "resend/",
                "tenants/apikey": "revoke/", "tenants/tenant": "leave/",
                "campaigns/sender": "check-again/"}  # fmt: skip

# Route: the path to ask, with {id} where a row's is named, and the model of that row.
ROUTES = {
    "": ("/", None),
    "admin": ("/admin", None),
    "admin/": ("/admin/", None),
    "admin/choose-store/": ("/admin/choose-store/", None),
    "admin/switch-store/": ("/admin/switch-store/", None),
    "admin/home/people/": ("/admin/home/people/", None),
    "admin/home/arriving/": ("/admin/home/arriving/", None),
    "admin/home/dismiss/": ("/admin/home/dismiss/", None),
    "admin/connection/": ("/admin/connection/", None),
    "admin/sending-settings/": ("/admin/sending-settings/", None),
    "admin/predictions/": ("/admin/predictions/", None),
    "admin/search/": ("/admin/search/", None),
    "admin/login/": ("/admin/login/", None),
    "admin/login/code/": ("/admin/login/code/", None),
    "admin/logout/": ("/admin/logout/", None),
    "admin/password_change/": ("/admin/password_change/", None),
    "admin/password_change/done/": ("/admin/password_change/done/", None),
    "admin/autocomplete/": ("/admin/autocomplete/", None),
    "admin/jsi18n/": ("/admin/jsi18n/", None),
    "admin/r/<path:content_type_id>/<path:object_id>/": ("/admin/r/{type}/{id}/", Customer),
    "admin/^(?P<app_label>tenants|customers|orders|segments|campaigns|webhooks)/$": (
        "/admin/customers/", None),
    "admin/(?P<url>.*)$": ("/admin/customers/customer/{id}/change", Customer),
    **{f"admin/{name}/{page}": (f"/admin/{name}/{page}", None)
       for name in ADMINS for page in PAGES},
    **{f"admin/{name}/<path:object_id>/{page}": (f"/admin/{name}/{{id}}/{page}", model)
       for name, model in ADMINS.items() for page in ROW_PAGES},
    "admin/webhooks/privacyrequest/<path:object_id>/download/": (
        "/admin/webhooks/privacyrequest/{id}/download/", PrivacyRequest),
    **{f"admin/webhooks/privacyrequest/customer/<int:customer_id>/{name}/": (
        f"/admin/webhooks/privacyrequest/customer/{{id}}/{name}/", Customer)
       for name in ("data", "erase")},
    **{f"admin/segments/segment/{name}/": (f"/admin/segments/segment/{name}/", None)
       for name in SEGMENT_PAGES},
    **{f"admin/segments/segment/<path:object_id>/{name}/": (
        f"/admin/segments/segment/{{id}}/{name}/", Segment) for name in SEGMENT_ROW_PAGES},
    "admin/campaigns/campaign/calendar/": ("/admin/campaigns/campaign/calendar/", None),
    **{f"admin/campaigns/campaign/<path:object_id>/{name}/": (
        f"/admin/campaigns/campaign/{{id}}/{name}/", Campaign) for name in CAMPAIGN_ROW_PAGES},
    "admin/campaigns/suppression/import/": ("/admin/campaigns/suppression/import/", None),
    **{f"admin/campaigns/template/{name}/": (f"/admin/campaigns/template/{name}/", None)
       for name in ("library", "sample")},
    "admin/campaigns/template/<path:object_id>/preview/": (
        "/admin/campaigns/template/{id}/preview/", Template),
    "admin/campaigns/localmail/<path:object_id>/html/": (
        "/admin/campaigns/localmail/{id}/html/", LocalMail),
    "admin/segments/segment/<path:object_id>/why/<int:customer_id>/": (
        "/admin/segments/segment/{id}/why/{customer}/", Segment),
    **{f"admin/webhooks/import/{name}/": (f"/admin/webhooks/import/{name}/", None)
       for name in ("new", "progress")},
    **{f"admin/webhooks/import/<path:object_id>/{name}/": (
        f"/admin/webhooks/import/{{id}}/{name}/", Import) for name in ("start", "errors")},
    **{f"admin/webhooks/export/{name}/": (f"/admin/webhooks/export/{name}/", None)
       for name in ("new", "progress")},
    "admin/webhooks/export/<path:object_id>/file/": ("/admin/webhooks/export/{id}/file/", Export),
    **{f"admin/webhooks/sync/{name}/": (f"/admin/webhooks/sync/{name}/", None)
       for name in ("begin", "reconcile", "cancel")},
    **{f"admin/{name}/<path:object_id>/{page}": (f"/admin/{name}/{{id}}/{page}", ADMINS[name])
       for name, page in ASKING_PAGES.items()},
    **{f"account/{page}": (f"/account/{page}", None) for page in ACCOUNT_PAGES},
    "account/sign-ins/<uuid:sign_in_id>/end": (f"/account/sign-ins/{NO_SIGN_IN}/end", None),
    **{f"account/^{page}/(?P<token>[A-Za-z0-9_:.=-]{{1,500}})$": (f"/account/{page}/1-forged", None)
       for page in ("reset", "confirm", "invitation")},
    **{f"^auth/{name}/?$": (f"/auth/{name}", None) for name in AUTH},
    "^auth/sessions/(?P<session_id>[^/]+)/?$": (f"/auth/sessions/{NO_SIGN_IN}", None),
    "^api-keys/?$": ("/api-keys", None),
    "^api-keys/(?P<pk>[^/]+)/?$": ("/api-keys/{id}", ApiKey),
    "^audit/?$": ("/audit", None),
    "^audit/(?P<pk>[^/]+)/?$": ("/audit/{id}", AuditEntry),
    "^store/?$": ("/store", None),
    "^team/?$": ("/team", None),
    "^team/invitations/?$": ("/team/invitations", None),
    "^team/invitations/accept/?$": ("/team/invitations/accept", None),
    "^team/invitations/(?P<pk>[^/]+)/?$": ("/team/invitations/{id}", Invitation),
    "^team/invitations/(?P<pk>[^/]+)/resend/?$": ("/team/invitations/{id}/resend", Invitation),
    "^team/leave/?$": ("/team/leave", None),
    "^team/transfer-ownership/?$": ("/team/transfer-ownership", None),
    "^team/(?P<pk>[^/]+)/?$": ("/team/{id}", Membership),
    "^customers/?$": ("/customers", None),
    "^customers/(?P<pk>[^/]+)/timeline/?$": ("/customers/{id}/timeline", Customer),
    "^customers/(?P<pk>[^/]+)/?$": ("/customers/{id}", Customer),
    "^orders/?$": ("/orders", None),
    "^orders/(?P<pk>[^/]+)/?$": ("/orders/{id}", Order),
    "^products/?$": ("/products", None),
    **{f"^analytics/{name}/?$": (f"/analytics/{name}", None) for name in ANALYTICS},
    "^products/(?P<pk>[^/]+)/?$": ("/products/{id}", Product),
    "^segments/?$": ("/segments", None),
    **{f"^segments/{name}/?$": (f"/segments/{name}", None)
       for name in ("attributes", "templates", "parse", "preview", "export", "import",
                    "import-from-shopify", "jobs")},
    "^segments/jobs/(?P<pk>[^/]+)/?$": ("/segments/jobs/{id}", SegmentJob),
    "^segments/(?P<pk>[^/]+)/?$": ("/segments/{id}", Segment),
    **{f"^segments/(?P<pk>[^/]+)/{name}/?$": (f"/segments/{{id}}/{name}", Segment)
       for name in ("customers", "diff", "growth", "explain", "members", "members/remove", "tag")},
    "^segments/(?P<pk>[^/]+)/members/(?P<customer>[^/]+)/?$": (
        "/segments/{id}/members/1", Segment),
    "^campaigns/?$": ("/campaigns", None),
    "^campaigns/(?P<pk>[^/]+)/?$": ("/campaigns/{id}", Campaign),
    **{f"^campaigns/(?P<pk>[^/]+)/{name}/?$": (f"/campaigns/{{id}}/{name}", Campaign)
       for name in (*CAMPAIGN_STEPS, *CAMPAIGN_READS)},
    "^campaigns/(?P<pk>[^/]+)/messages/(?P<message>[^/]+)/settle/?$": (
        "/campaigns/{id}/messages/1/settle", Campaign),
    "^senders/?$": ("/senders", None),
    "^senders/(?P<pk>[^/]+)/?$": ("/senders/{id}", Sender),
    "^suppressions/?$": ("/suppressions", None),
    "^suppressions/import/?$": ("/suppressions/import", None),
    "^suppressions/(?P<pk>[^/]+)/?$": ("/suppressions/{id}", Suppression),
    "^templates/?$": ("/templates", None),
    "^templates/library/?$": ("/templates/library", None),
    "^templates/(?P<pk>[^/]+)/?$": ("/templates/{id}", Template),
    "^topics/?$": ("/topics", None),
    "^topics/(?P<pk>[^/]+)/?$": ("/topics/{id}", Topic),
    "^sending-settings/?$": ("/sending-settings", None),
    "^sync/?$": ("/sync", None),
    "^sync/(?P<pk>[^/]+)/?$": ("/sync/{id}", Sync),
    "^sync/(?P<pk>[^/]+)/cancel/?$": ("/sync/{id}/cancel", Sync),
    "^imports/?$": ("/imports", None),
    "^imports/(?P<pk>[^/]+)/?$": ("/imports/{id}", Import),
    **{f"^imports/(?P<pk>[^/]+)/{name}/?$": (f"/imports/{{id}}/{name}", Import)
       for name in ("preview", "start", "errors")},
    "^exports/?$": ("/exports", None),
    "^exports/(?P<pk>[^/]+)/?$": ("/exports/{id}", Export),
    "^exports/(?P<pk>[^/]+)/file/?$": ("/exports/{id}/file", Export),
    "^shopify/install/?$": ("/shopify/install", None),
    "^shopify/callback/?$": ("/shopify/callback", None),
    # A link proves its store by itself, whoever follows it: what is forged is of no store.
    "t/o/<path:token>": ("/t/o/forged.gif", None),
    "t/c/<path:token>": ("/t/c/forged", None),
    "u/<path:token>": ("/u/forged", None),
    "p/<path:token>": ("/p/forged", None),
    "provider-events/<slug:esp>/tracking/": ("/provider-events/postmark/tracking/", None),
    "^schema/?$": ("/schema", None),
    "^docs/?$": ("/docs", None),
    "^healthz/?$": ("/healthz", None),
    "^readyz/?$": ("/readyz", None),
}  # fmt: skip
# Answered before the resolver, by the webhooks' middleware.
WEBHOOKS = ("/webhook/order-create", "/webhook/customer-create", "/webhook/shopify")
# Cy may invite whom she likes; the test of invitations says that it tells her nothing of them.
INVITING = ("^team/invitations/?$", "admin/tenants/invitation/add/")
# A name is enough to make one of her own, and each is another.
MADE_BY_A_NAME = ("^campaigns/?$", "^topics/?$", "^senders/?$", "^templates/?$",
                  "admin/campaigns/campaign/add/",
                  *(f"admin/campaigns/{name}/add/"
                    for name in ("sender", "topic", "template", "suppression")))  # fmt: skip
# Anybody may have a mail sent to Ana, which is hers alone to read.
MAILING = ("^auth/password/reset/?$", "account/reset")
# They say the same to everybody, at length: asking them once is enough.
SLOW = ("/schema", "/docs", "/readyz")

# What of a row is no row of hers by itself: counts, what is posted, what names a customer.
TELLING_NO_ROW = (*(f"/{step}" for step in (*CAMPAIGN_STEPS, *CAMPAIGN_READS)), "/settle",
                  "/diff", "/growth", "/explain", "/members", "/members/remove", "/members/1",
                  "/tag", "/file", "/timeline",
                  "/preview", "/start", "/errors")  # fmt: skip

# What Cy may look at; users are the operators', and nobody deletes.
SHOWING = [
    route for route, (path, model) in ROUTES.items()
    if model not in (None, User) and (path.endswith(("/change/", "/history/"))
                                      or not path.startswith("/admin/"))
    and not path.endswith(("/resend", "/cancel", *TELLING_NO_ROW))
]  # fmt: skip
OF_THE_API = [
    route for route, (path, _) in ROUTES.items()
    if not path.startswith(PAGES_OF_PEOPLE) and path not in SLOW
]  # fmt: skip


@pytest.fixture(scope="module")
def transactional_db(shops):
    """In place of pytest-django's; by this name it knows that a test database is wanted."""


@pytest.fixture(scope="module")
def cys_browser(shops):
    return Visitor(shops.cy.owner)


@pytest.fixture(scope="module")
def cys_program(shops):
    return bearer(shops.cy.owner)


@pytest.fixture
def cy_asks(cys_browser, cys_program):
    """Cy, by the way in that the path is for."""

    def ask(path, method="GET", data=None, **headers):
        visitor = cys_browser if path.startswith(PAGES_OF_PEOPLE) else cys_program
        return visitor.ask(path, method, data, **headers)

    return ask


def routes(patterns, prefix=""):
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        else:
            yield path


def named(route, asked):
    """The route's path for what is asked for."""
    path, model = ROUTES[route]
    ids = {"id": asked.ids.get(model), "customer": asked.ids.get(Customer)}
    return path.format(**ids, type=content_type())


def content_type():
    return ContentType.objects.get_for_model(Customer).pk


def body_for(asked, route, method):
    """Every way in which a body could point at somebody's rows."""
    ids, model = asked.ids, ROUTES[route][1] or Delivery
    return None if method not in WRITING else {
        "id": ids[model], "pk": ids[model], "tenant": ids[Tenant], "tenant_id": ids[Tenant],
        "store": ids[Tenant], "customer": ids[Customer], "customer_id": ids[Customer],
        "order": ids[Order], "user": ids[User], "actor": ids[User], "role": "owner",
        "email": "" if route in INVITING else asked.email, "username": asked.email,
        "password": "short", "name": "" if route in MADE_BY_A_NAME else "Cy was here",
        "refresh": "x", "action": "replay", "_selected_action": ids[model], "post": "yes",
        "next": f"/admin/customers/customer/{ids[Customer]}/change/",
    }  # fmt: skip


def test_f072_every_route_is_listed():
    assert set(routes(get_resolver().url_patterns)) == set(ROUTES)
    assert set(PATHS) == set(WEBHOOKS)


def ways(route):
    """Each method, and whether asking for something foreign differs from asking for nothing."""
    path, model = ROUTES[route]
    for method in ("GET", "POST") if path in SLOW else METHODS:
        # The admin's pages know two kinds of requests: POST, and every other.
        told_apart = method == "GET" or not path.startswith("/admin/")
        yield method, method == "POST" or (bool(model) and told_apart)


def test_f072_the_eye_sees_what_is_written_into_anas_store_and_nothing_else(shops):
    before = shops.fingerprint()
    with tenant_scope(shops.cy.tenant.pk):
        make_row(Customer, email=CY.word())
    assert shops.fingerprint() == before

    with tenant_scope(shops.ana.tenant.pk):
        make_row(Customer, email=ANA.word())
    after = shops.fingerprint()

    assert {table for table in after if after[table] != before[table]} == {"customers_customer"}


@pytest.mark.parametrize("route", ROUTES)
def test_f072_f083_a_foreign_id_is_answered_as_one_that_nobody_has(route, shops, cy_asks):
    before = shops.fingerprint()

    for method, compared in ways(route):
        answers = [
            cy_asks(named(route, asked), method, body_for(asked, route, method)).about(asked)
            for asked in (shops.ana.asked, shops.ana.absent)[: 1 + compared]
        ]
        assert answers[0] == answers[-1], method
        assert answers[0].status < 500 or route == "^readyz/?$", method
        assert not ANA.traces(answers[0].text), method

    after = shops.fingerprint()
    changed = {table for table in after if after[table] != before.get(table)}
    assert changed <= ({"tenants_accountmail"} if route in MAILING else set())


@pytest.mark.parametrize("route", SHOWING)
def test_f072_the_same_route_shows_cy_what_is_hers(route, shops, cy_asks):
    """Without this the walk could pass because it asks for nothing."""
    answer = cy_asks(named(route, shops.cy.asked))

    assert answer.status == 200
    assert CY.traces(answer.body)
    assert not ANA.traces(answer.text)


@pytest.mark.parametrize("route", OF_THE_API)
def test_f072_naming_a_foreign_store_is_naming_none(route, shops):
    program = bearer(shops.cy.owner)
    for name in (lambda asked: str(asked.ids[Tenant]), lambda asked: asked.domain):
        foreign, absent = (
            program.ask(named(route, asked), **{"X-Store": name(asked)}).about(asked)
            for asked in (shops.ana.asked, shops.ana.absent)
        )
        assert foreign == absent
        assert not ANA.traces(foreign.text)


@pytest.mark.parametrize("route", ROUTES)
def test_f072_nobody_sees_anything(route, shops):
    answer = Visitor(None).ask(named(route, shops.ana.asked)).about(shops.ana.asked)

    assert not ANA.traces(answer.text)
    assert not CY.traces(answer.text)
