"""What each route of the API asks for, one line per route and method.

The third column is the right, several joined by +, or one of the words below; the fourth is the
answer to somebody who may, with the body of `bodies.py`. Words in braces are the ids of rows.

    PUBLIC     everybody, signed in or not
    SIGNED_IN  every person with an account, in a store or not; no API key
    MEMBER     every member of the store
    OWNER      the store's owners, whatever rights others hold
    SHOPIFY    whoever can sign as Shopify: none of the people here
"""

from typing import NamedTuple

TABLE = """
GET    /                                PUBLIC            302
GET    /healthz                         PUBLIC            200
GET    /readyz                          PUBLIC            200
GET    /schema                          PUBLIC            200
GET    /docs                            PUBLIC            200
GET    /shopify/install                 PUBLIC            302
GET    /shopify/callback                PUBLIC            302
POST   /webhook/order-create            SHOPIFY           200
POST   /webhook/customer-create         SHOPIFY           200
POST   /webhook/shopify                 SHOPIFY           200

GET    /t/o/forged.gif                  PUBLIC            404
GET    /t/c/forged                      PUBLIC            404
GET    /u/forged                        PUBLIC            404
POST   /u/forged                        PUBLIC            404
GET    /p/forged                        PUBLIC            404
POST   /p/forged                        PUBLIC            404
POST   /provider-events/postmark/tracking/  PUBLIC        404

POST   /auth/signup                     PUBLIC            201
POST   /auth/login                      PUBLIC            200
POST   /auth/refresh                    PUBLIC            200
POST   /auth/logout                     PUBLIC            204
POST   /auth/password/reset             PUBLIC            202
POST   /auth/password/reset/confirm     PUBLIC            204
POST   /auth/email/confirm              PUBLIC            204
POST   /auth/email/confirm/resend       SIGNED_IN         202
POST   /auth/password/change            SIGNED_IN         200
POST   /auth/logout-everywhere          SIGNED_IN         204
GET    /auth/me                         SIGNED_IN         200
GET    /auth/sessions                   SIGNED_IN         200
DELETE /auth/sessions/{session}         SIGNED_IN         204
GET    /auth/two-factor                 SIGNED_IN         200
POST   /auth/two-factor                 SIGNED_IN         200
POST   /auth/two-factor/confirm         SIGNED_IN         200
POST   /auth/two-factor/recovery-codes  SIGNED_IN         200
POST   /auth/two-factor/turn-off        SIGNED_IN         204

GET    /customers                       view_customers    200
GET    /customers/{customer}            view_customers    200
GET    /customers/{customer}/timeline   view_customers    200
PATCH  /customers/{customer}            edit_customers    200|204
GET    /segments                        view_segments     200
POST   /segments                        edit_segments     201
GET    /segments/attributes             view_segments     200
GET    /segments/templates              view_segments     200
POST   /segments/parse                  view_segments     200
POST   /segments/preview                view_segments     200
GET    /segments/export                 view_segments     200
POST   /segments/import                 edit_segments     200
POST   /segments/import-from-shopify    edit_segments     202
GET    /segments/jobs                   view_segments     200
GET    /segments/jobs/{segmentjob}      view_segments     200
GET    /segments/{segment}              view_segments     200
PATCH  /segments/{segment}              edit_segments     200
DELETE /segments/{segment}              edit_segments     204|409
GET    /segments/{segment}/customers    view_segments+view_customers  200
GET    /segments/{segment}/diff         view_segments+view_customers  200
GET    /segments/{segment}/growth       view_segments     200
GET    /segments/{segment}/explain?customer={customer}  view_segments+view_customers  200
POST   /segments/{segment}/members      edit_segments     200
POST   /segments/{segment}/members/remove  edit_segments  200
DELETE /segments/{segment}/members/{customer}  edit_segments  204|409
POST   /segments/{segment}/tag          edit_customers+view_segments  202
GET    /campaigns                       view_campaigns    200
POST   /campaigns                       edit_campaigns    201
GET    /campaigns/{campaign}            view_campaigns    200
PATCH  /campaigns/{campaign}            edit_campaigns    200
DELETE /campaigns/{campaign}            edit_campaigns    204|409
POST   /campaigns/{campaign}/copy       edit_campaigns    201
POST   /campaigns/{campaign}/approve    approve_campaigns  200
POST   /campaigns/{campaign}/schedule   send_campaigns    200
POST   /campaigns/{campaign}/send       send_campaigns    200
POST   /campaigns/{campaign}/pause      send_campaigns    200
POST   /campaigns/{campaign}/resume     send_campaigns    200
POST   /campaigns/{campaign}/cancel     send_campaigns    200
GET    /campaigns/{campaign}/plan       view_campaigns+view_customers  200
GET    /campaigns/{campaign}/check      view_campaigns    200
GET    /campaigns/{campaign}/messages   view_campaigns+view_customers  200
GET    /campaigns/{campaign}/messages/export  export_data+view_campaigns+view_customers  200
POST   /campaigns/{campaign}/messages/{message}/settle  send_campaigns  204
GET    /campaigns/{campaign}/report     view_campaigns    200
GET    /campaigns/{campaign}/preview    view_campaigns+view_customers  200
POST   /campaigns/{campaign}/test       edit_campaigns    202
GET    /templates                       view_campaigns    200
POST   /templates                       edit_campaigns    201
GET    /templates/library               view_campaigns    200
GET    /templates/{template}            view_campaigns    200
PATCH  /templates/{template}            edit_campaigns    200
DELETE /templates/{template}            edit_campaigns    204
GET    /suppressions                    view_campaigns+view_customers  200
POST   /suppressions                    edit_campaigns    201
POST   /suppressions/import             edit_campaigns    200
GET    /suppressions/{suppression}      view_campaigns+view_customers  200
DELETE /suppressions/{suppression}      edit_campaigns    204
GET    /senders                         view_campaigns    200
POST   /senders                         edit_campaigns    201
GET    /senders/{sender}                view_campaigns    200
PATCH  /senders/{sender}                edit_campaigns    200
DELETE /senders/{sender}                edit_campaigns    204|409
GET    /topics                          view_campaigns    200
POST   /topics                          edit_campaigns    201
GET    /topics/{topic}                  view_campaigns    200
PATCH  /topics/{topic}                  edit_campaigns    200
DELETE /topics/{topic}                  edit_campaigns    204|409
GET    /sending-settings                view_campaigns    200
PATCH  /sending-settings                manage_store      200
GET    /sync                            view_customers    200
GET    /sync/{sync}                     view_customers    200
POST   /sync                            manage_store      201
POST   /sync/{sync}/cancel              manage_store      200
GET    /exports                         export_data       200
POST   /exports                         export_data+view_campaigns  201
GET    /imports                         edit_customers    200
POST   /imports                         edit_customers    400|415
GET    /imports/{import}                edit_customers    200
POST   /imports/{import}/preview        edit_customers+view_customers  200
POST   /imports/{import}/start          edit_customers    200
GET    /imports/{import}/errors         edit_customers    200
GET    /exports/{export}                export_data       404
GET    /exports/{export}/file           export_data       404
GET    /orders                          view_orders       200
GET    /orders/{order}                  view_orders       200
GET    /analytics/overview              view_analytics    200
GET    /analytics/revenue               view_analytics    200
GET    /analytics/customer-growth       view_analytics    200
GET    /analytics/top-customers         view_analytics    200
GET    /analytics/top-products          view_analytics    200
GET    /analytics/cohorts               view_analytics    200
GET    /analytics/rfm                   view_analytics    200
GET    /analytics/predictions           view_analytics    200
GET    /products                        view_orders       200
GET    /products/{product}              view_orders       200

GET    /audit                           manage_team       200
GET    /audit/{auditentry}              manage_team       200
GET    /api-keys                        manage_team       200
POST   /api-keys                        manage_team       201
GET    /api-keys/{apikey}               manage_team       200
DELETE /api-keys/{apikey}               manage_team       204
GET    /store                           manage_store      200
PATCH  /store                           manage_store      200
GET    /team                            manage_team       200
GET    /team/{membership}               manage_team       200
PATCH  /team/{membership}               manage_team       200
DELETE /team/{membership}               manage_team       204
POST   /team/leave                      MEMBER            204
POST   /team/transfer-ownership         OWNER             204
GET    /team/invitations                manage_team       200
GET    /team/invitations/{invitation}   manage_team       200
POST   /team/invitations                manage_team       201
DELETE /team/invitations/{invitation}   manage_team       204
POST   /team/invitations/{invitation}/resend  manage_team  200
POST   /team/invitations/accept         SIGNED_IN         200
"""

OF_NO_STORE = ("PUBLIC", "SIGNED_IN", "SHOPIFY")


class Row(NamedTuple):
    """One line of the table."""

    method: str
    path: str
    needs: str
    answer: str

    @property
    def of_store(self) -> bool:
        """Whether the route is about one store."""
        return self.needs not in OF_NO_STORE

    @property
    def statuses(self) -> set[int]:
        """What somebody who may is answered; several where it depends on who asks."""
        return {int(status) for status in self.answer.split("|")}

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def read_table(text: str) -> list[Row]:
    """The rows of a table as above."""
    lines = (line.split() for line in text.splitlines() if line.strip())
    return [Row(*line) for line in lines]


ROWS = read_table(TABLE)
