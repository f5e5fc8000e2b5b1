"""Segments to begin from: those of a new Shopify store, and what merchants make first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """A segment that one click makes. `id` is stable; `default`: Shopify makes it in each store."""

    id: str
    name: str
    purpose: str
    query: str
    default: bool = False


TEMPLATES: dict[str, Template] = {
    template.id: template
    for template in (
        Template(
            "purchased-at-least-once",
            "Customers who have purchased at least once",
            "Everybody who ever bought: the base of most campaigns",
            "number_of_orders >= 1",
            default=True,
        ),
        Template(
            "email-subscribers",
            "Email subscribers",
            "Everybody who agreed to be written to",
            "email_subscription_status = 'SUBSCRIBED'",
            default=True,
        ),
        Template(
            "abandoned-checkouts",
            "Abandoned checkouts in the last 30 days",
            "Left at the till within the last month: remind them",
            "abandoned_checkout_date >= -30d",
            default=True,
        ),
        Template(
            "purchased-more-than-once",
            "Customers who have purchased more than once",
            "They came back: ask for a review, offer a loyalty scheme",
            "number_of_orders > 1",
            default=True,
        ),
        Template(
            "not-purchased",
            "Customers who haven't purchased",
            "Known, and not yet a buyer: welcome them with a first offer",
            "number_of_orders = 0",
            default=True,
        ),
        Template(
            "first-time-buyers",
            "First-time buyers",
            "Bought for the first time within 30 days: say thanks, show how to use it",
            "number_of_orders = 1 AND first_order_date >= -30d",
        ),
        Template(
            "one-time-buyers",
            "One-time buyers",
            "Bought once, one to six months ago: the second order makes a customer",
            "number_of_orders = 1 AND last_order_date BETWEEN -180d AND -30d",
        ),
        Template(
            "win-back",
            "Win-back",
            "Subscribed, bought before, and not for half a year: a good reason to return",
            "email_subscription_status = 'SUBSCRIBED' AND number_of_orders >= 1"
            " AND last_order_date < -180d",
        ),
        Template(
            "lapsed-repeat-buyers",
            "Lapsed repeat buyers",
            "Bought more than once and went quiet three to twelve months ago",
            "number_of_orders > 1 AND last_order_date BETWEEN -365d AND -90d",
        ),
        Template(
            "vip",
            "VIP",
            "Many orders and much money: early access, a personal word",
            "number_of_orders >= 5 AND amount_spent > 1000",
        ),
        Template(
            "quiet-big-spenders",
            "Big spenders who went quiet",
            "Spent 500 or more and did not order for 90 days: worth a call",
            "amount_spent >= 500 AND last_order_date < -90d",
        ),
        Template(
            "frequent-buyers",
            "Frequent buyers",
            "Ordered at least twice within 90 days",
            "orders_placed MATCHES (date >= -90d, count >= 2)",
        ),
        Template(
            "champions",
            "Champions",
            "Bought last, most often and for most: let them tell others",
            "rfm_group = 'CHAMPIONS'",
        ),
        Template(
            "at-risk",
            "At risk",
            "A strong history and no recent order, and they may be written to",
            "rfm_group = 'AT_RISK' AND email_subscription_status = 'SUBSCRIBED'",
        ),
        Template(
            "new-subscribers",
            "New subscribers without an order",
            "Signed up within 30 days and did not buy: the welcome series",
            "email_subscription_status = 'SUBSCRIBED' AND number_of_orders = 0"
            " AND customer_added_date >= -30d",
        ),
        Template(
            "engaged-non-buyers",
            "Engaged, but not buying",
            "Opened an e-mail within 90 days and ordered nothing in them",
            "shopify_email.opened MATCHES (date >= -90d)"
            " AND orders_placed NOT MATCHES (date >= -90d)",
        ),
        Template(
            "recovered-not-yet",
            "Abandoned a checkout and may be written to",
            "Left a checkout within a week, with consent to e-mail",
            "abandoned_checkout_date >= -7d AND email_subscription_status = 'SUBSCRIBED'",
        ),
        Template(
            "wholesale",
            "Wholesale",
            "Tagged wholesale, or contacts of a company",
            "customer_tags CONTAINS 'wholesale' OR companies IS NOT NULL",
        ),
        Template(
            "unsubscribed-buyers",
            "Buyers without e-mail consent",
            "Bought twice or more and cannot be written to: ask at the next order",
            "number_of_orders >= 2 AND email_subscription_status != 'SUBSCRIBED'",
        ),
    )
}
