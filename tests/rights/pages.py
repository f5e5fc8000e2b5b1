"""What each page of the admin asks for.

A right, several with a plus, or one of the words of `routes.py`; OPERATOR is who runs the
install, and may do what any right allows; TEAM is every member and OWNER an owner, and neither
is the operator; a dash is for nobody at all.
"""

from typing import NamedTuple

from tests.rights.routes import read_table

# The pages of each admin class: its list, history and reading ask for `view`.
ADMINS = """
class        view             add           change         delete
Tenant       MEMBER           -             manage_store   -
Membership   manage_team      -             manage_team    manage_team
Invitation   manage_team      manage_team   -              manage_team
ApiKey       manage_team      manage_team   -              -
User         OPERATOR         -             OPERATOR       -
AuditEntry   manage_team      -             -              -
Customer     view_customers   -             edit_customers -
Segment      view_segments    edit_segments edit_segments  edit_segments
Campaign     view_campaigns   edit_campaigns edit_campaigns edit_campaigns
Suppression view_customers+view_campaigns view_customers+edit_campaigns - view_customers+edit_campaigns
Sender       view_campaigns   edit_campaigns edit_campaigns edit_campaigns
Topic        view_campaigns   edit_campaigns edit_campaigns edit_campaigns
Template     view_campaigns   edit_campaigns edit_campaigns edit_campaigns
LocalMail    view_campaigns+view_customers - -          -
Order        view_orders      -             -              -
Product      view_orders      -             -              -
Checkout     view_orders      -             -              -
Delivery     manage_store     -             -              -
PrivacyRequest manage_store   -             -              -
Sync         manage_store     -             -              -
Edit         manage_store     -             -              -
Export       export_data      -             -              -
Import       edit_customers   -             -              -
"""  # noqa: E501

# What an admin class has beside Django's own pages, and the pages of the site itself.
SITE = """
GET    /admin                                        PUBLIC       302
GET    /admin/                                       MEMBER       200
GET    /admin/choose-store/                          MEMBER       200
GET    /admin/connection/                            manage_store 200
GET    /admin/sending-settings/                      view_campaigns 200
POST   /admin/sending-settings/                      view_campaigns+manage_store 200|302
GET    /admin/predictions/                           view_analytics 200
POST   /admin/switch-store/                          MEMBER       302
GET    /admin/home/people/                           view_analytics 200
GET    /admin/home/arriving/                         MEMBER       200
POST   /admin/home/dismiss/                          manage_store 302
GET    /admin/search/                                MEMBER       404
GET    /admin/login/                                 PUBLIC       200|302
GET    /admin/login/code/                            PUBLIC       200|302
POST   /admin/logout/                                PUBLIC       200|302
GET    /admin/password_change/                       MEMBER       200|302
GET    /admin/password_change/done/                  MEMBER       200|302
GET    /admin/autocomplete/                          MEMBER       403
GET    /admin/jsi18n/                                MEMBER       200
GET    /admin/customers/                             MEMBER       302
GET    /admin/nowhere/                               MEMBER       404

GET    /admin/tenants/apikey/{apikey}/revoke/              manage_team  200
POST   /admin/tenants/apikey/{apikey}/revoke/              manage_team  302
GET    /admin/tenants/invitation/{invitation}/resend/      manage_team  200
POST   /admin/tenants/invitation/{invitation}/resend/      manage_team  302
GET    /admin/tenants/membership/{membership}/transfer/    OWNER        200
POST   /admin/tenants/membership/{membership}/transfer/    OWNER        302
GET    /admin/tenants/tenant/{tenant}/leave/               TEAM         200
POST   /admin/tenants/tenant/{tenant}/leave/               TEAM         302

POST   /admin/segments/segment/read/                       view_segments  200
POST   /admin/segments/segment/count/                      view_segments  200
GET    /admin/segments/segment/values/                     view_segments  200
GET    /admin/segments/segment/templates/                  view_segments  200
POST   /admin/segments/segment/templates/                  edit_segments  302
GET    /admin/segments/segment/transfer/                   view_segments  200
POST   /admin/segments/segment/transfer/                   edit_segments  200
GET    /admin/segments/segment/export-all/                 view_segments  200
GET    /admin/segments/segment/fetch/                      edit_segments  200
POST   /admin/segments/segment/fetch/                      edit_segments  302
GET    /admin/segments/segment/{segment}/edit/             edit_segments  200
GET    /admin/segments/segment/{segment}/growth/           view_segments  200
GET    /admin/segments/segment/{segment}/export/           view_segments  200
POST   /admin/segments/segment/{segment}/duplicate/        edit_segments  302
POST   /admin/segments/segment/{segment}/move/             edit_segments  302
GET    /admin/segments/segment/{segment}/tag/              view_segments+edit_customers  200
POST   /admin/segments/segment/{segment}/tag/              view_segments+edit_customers  200
GET    /admin/segments/segment/{segment}/why/{customer}/   view_segments+view_customers  200

GET    /admin/campaigns/campaign/calendar/                 view_campaigns  200
GET    /admin/campaigns/campaign/{campaign}/audience/      edit_campaigns  200
POST   /admin/campaigns/campaign/{campaign}/audience/      edit_campaigns  200|302
GET    /admin/campaigns/campaign/{campaign}/content/       edit_campaigns  200
POST   /admin/campaigns/campaign/{campaign}/content/       edit_campaigns  200|302
GET    /admin/campaigns/campaign/{campaign}/words/         edit_campaigns  200
POST   /admin/campaigns/campaign/{campaign}/look/          view_campaigns  200
GET    /admin/campaigns/campaign/{campaign}/preview/       view_campaigns  200
POST   /admin/campaigns/campaign/{campaign}/preview/       view_campaigns  200
GET    /admin/campaigns/campaign/{campaign}/people/        view_campaigns+view_customers  200
POST   /admin/campaigns/campaign/{campaign}/test/          edit_campaigns  200
GET    /admin/campaigns/campaign/{campaign}/plan/          view_campaigns  200
GET    /admin/campaigns/campaign/{campaign}/progress/      view_campaigns  200
POST   /admin/campaigns/campaign/{campaign}/approve/       approve_campaigns  302
POST   /admin/campaigns/campaign/{campaign}/schedule/      send_campaigns  302
GET    /admin/campaigns/campaign/{campaign}/send/          send_campaigns  200
POST   /admin/campaigns/campaign/{campaign}/send/          send_campaigns  302
POST   /admin/campaigns/campaign/{campaign}/pause/         send_campaigns  302
POST   /admin/campaigns/campaign/{campaign}/resume/        send_campaigns  302
GET    /admin/campaigns/campaign/{campaign}/cancel/        send_campaigns  200
POST   /admin/campaigns/campaign/{campaign}/cancel/        send_campaigns  302
POST   /admin/campaigns/campaign/{campaign}/copy/          edit_campaigns  302
GET    /admin/campaigns/campaign/{campaign}/report/        view_campaigns  200
GET    /admin/campaigns/campaign/{campaign}/messages/      view_campaigns+view_customers  200
GET    /admin/campaigns/campaign/{campaign}/settle/        send_campaigns  302
GET    /admin/campaigns/suppression/import/                edit_campaigns+view_customers  200
POST   /admin/campaigns/suppression/import/                edit_campaigns+view_customers  302
GET    /admin/campaigns/sender/{sender}/check-again/       edit_campaigns  200
POST   /admin/campaigns/sender/{sender}/check-again/       edit_campaigns  302
GET    /admin/campaigns/template/library/                  view_campaigns  200
POST   /admin/campaigns/template/library/                  edit_campaigns  302
GET    /admin/campaigns/template/sample/                   view_campaigns  200
GET    /admin/campaigns/template/{template}/preview/       view_campaigns  200
POST   /admin/campaigns/template/{template}/preview/       view_campaigns  200
GET    /admin/campaigns/localmail/{localmail}/html/        view_campaigns+view_customers  200

GET    /admin/webhooks/privacyrequest/{privacyrequest}/download/  manage_store  404
GET    /admin/webhooks/privacyrequest/customer/{customer}/data/   view_customers+export_data+manage_store  200
GET    /admin/webhooks/privacyrequest/customer/{customer}/erase/  view_customers+edit_customers+manage_store  200
POST   /admin/webhooks/privacyrequest/customer/{customer}/erase/  view_customers+edit_customers+manage_store  200
POST   /admin/webhooks/sync/begin/                   manage_store 302
POST   /admin/webhooks/sync/reconcile/               manage_store 302
POST   /admin/webhooks/sync/cancel/                  manage_store 302
GET    /admin/webhooks/import/new/                   edit_customers  200
POST   /admin/webhooks/import/new/                   edit_customers  200
GET    /admin/webhooks/import/progress/              edit_customers  200
POST   /admin/webhooks/import/{import}/start/        edit_customers  302
GET    /admin/webhooks/import/{import}/errors/       edit_customers  200
GET    /admin/webhooks/export/new/                   export_data+view_customers 200
POST   /admin/webhooks/export/new/                   export_data+view_customers 302
GET    /admin/webhooks/export/progress/              export_data  200
GET    /admin/webhooks/export/{export}/file/         export_data  404

GET    /account/                                     SIGNED_IN    200
POST   /account/timezone                             SIGNED_IN    302
POST   /account/name                                 SIGNED_IN    302
POST   /account/password                             SIGNED_IN    200
POST   /account/confirmation                         SIGNED_IN    302
POST   /account/sign-ins/end                         SIGNED_IN    302
POST   /account/sign-ins/{nowhere}/end               SIGNED_IN    302
GET    /account/two-factor                           SIGNED_IN    200
POST   /account/two-factor/start                     SIGNED_IN    200
POST   /account/two-factor/confirm                   SIGNED_IN    200
POST   /account/two-factor/codes                     SIGNED_IN    200
POST   /account/two-factor/off                       SIGNED_IN    200
GET    /account/reset                                PUBLIC       200
POST   /account/reset                                PUBLIC       200
GET    /account/reset/1-forged                       PUBLIC       400
POST   /account/reset/1-forged                       PUBLIC       400
GET    /account/confirm/1-forged                     PUBLIC       400
POST   /account/confirm/1-forged                     PUBLIC       400
GET    /account/invitation/1-forged                  PUBLIC       400
POST   /account/invitation/1-forged                  PUBLIC       400
"""  # noqa: E501

# Page, method, the column of the table above.
PAGES = (
    ("changelist", "GET", "view"),
    ("changelist", "POST", "view"),
    ("add", "GET", "add"),
    ("add", "POST", "add"),
    ("change", "GET", "view"),
    ("change", "POST", "change"),
    ("history", "GET", "view"),
    ("delete", "GET", "delete"),
    ("delete", "POST", "delete"),
)


class Page(NamedTuple):
    """One page of an admin class by one method."""

    admin: str
    page: str
    method: str
    needs: str

    def __str__(self) -> str:
        return f"{self.method} {self.admin} {self.page}"


def read_admins(text: str) -> list[Page]:
    """Every page of every admin class of a table as above."""
    head, *lines = (line.split() for line in text.splitlines() if line.strip())
    tables = [dict(zip(head, line, strict=True)) for line in lines]
    return [Page(row["class"], page, method, row[column])
            for row in tables for page, method, column in PAGES]  # fmt: skip


PAGES_OF_ADMINS = read_admins(ADMINS)
PAGES_OF_SITE = read_table(SITE)
