"""The attributes and functions of Shopify's reference, and a few of our own beside them."""

from segments.language.registry import Attribute, Kind, ParameterType, add_attribute

CONSENTS = ("SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "INVALID", "UNSUBSCRIBED", "REDACTED")
RFM_GROUPS = (
    "CHAMPIONS", "LOYAL", "ACTIVE", "NEW", "PROMISING", "NEEDS_ATTENTION",
    "AT_RISK", "ALMOST_LOST", "PREVIOUSLY_LOYAL", "DORMANT", "PROSPECTS",
)  # fmt: skip
SUBSCRIBERS = (
    "ACTIVE", "SUBSCRIBED", "CANCELLED", "EXPIRED", "FAILED", "NEVER_SUBSCRIBED", "PAUSED",
)  # fmt: skip
MOST_IDS = 500


def subscriber_status(text: str) -> str:
    """What the Admin API says of whom saved segments call SUBSCRIBED."""
    return "ACTIVE" if text == "SUBSCRIBED" else text


DATE = ParameterType("date", Kind.DATE, "on a day")
COUNT = ParameterType("count", Kind.INTEGER, "how often", aggregate=True)


def ids(name: str, label: str) -> ParameterType:
    """A parameter that takes up to 500 ids."""
    return ParameterType(name, Kind.ID, label, most_values=MOST_IDS)


ACTIVITY = (ids("activity_id", "the campaign"), DATE, COUNT)
VIEWED = (ids("id", "which one"), DATE, COUNT, ParameterType("tag", Kind.STRING, "its tag"))

SHOPIFYS = (
    Attribute("abandoned_checkout_date", Kind.DATE, "Abandoned a checkout", nullable=True),
    Attribute("customer_added_date", Kind.DATE, "Became a customer", nullable=True),
    Attribute("first_order_date", Kind.DATE, "First order", nullable=True),
    Attribute("last_order_date", Kind.DATE, "Last order", nullable=True),
    Attribute("amount_spent", Kind.FLOAT, "Amount spent", "In the store's currency"),
    Attribute("number_of_orders", Kind.INTEGER, "Number of orders"),
    Attribute("created_by_app_id", Kind.INTEGER, "Made by an app", nullable=True),
    Attribute("companies", Kind.IDS, "Companies", "Company ids", nullable=True),
    Attribute("customer_email_domain", Kind.STRING, "E-mail domain", nullable=True),
    Attribute(
        "customer_language", Kind.STRING, "Language", "Such as en or en-US", nullable=True,
        completes="languages",
    ),
    Attribute(
        "customer_tags", Kind.STRINGS, "Tags", "In any case", nullable=True, completes="tags",
    ),
    Attribute(
        "customer_cities", Kind.STRINGS, "Cities", "Such as US-NY-NewYorkCity", nullable=True,
        completes="cities",
    ),
    Attribute(
        "customer_regions", Kind.STRINGS, "Regions", "Such as US-NY", nullable=True,
        completes="regions",
    ),
    Attribute(
        "customer_countries", Kind.ENUMS, "Countries", "Such as CA", nullable=True,
        completes="countries",
    ),
    Attribute(
        "customer_account_status", Kind.ENUM, "Account",
        values=("DECLINED", "DISABLED", "ENABLED", "INVITED"), nullable=True,
    ),
    Attribute(
        "email_subscription_status", Kind.ENUM, "E-mail consent", values=CONSENTS, nullable=True
    ),
    Attribute(
        "sms_subscription_status", Kind.ENUM, "SMS consent",
        values=tuple(state for state in CONSENTS if state != "INVALID"), nullable=True,
    ),
    Attribute(
        "predicted_spend_tier", Kind.ENUM, "Predicted spend", values=("HIGH", "MEDIUM", "LOW"),
        nullable=True,
    ),
    Attribute("rfm_group", Kind.ENUM, "RFM group", values=RFM_GROUPS, nullable=True),
    Attribute(
        "product_subscription_status", Kind.ENUM, "Product subscription", values=SUBSCRIBERS,
        nullable=True,
    ),
    Attribute(
        "products_purchased", Kind.FUNCTION, "Bought",
        "Lines of orders that count; count is the number of orders with such a line",
        parameters=(
            ids("id", "the product"), ParameterType("tag", Kind.STRING, "a tag of the product"),
            ParameterType("category", Kind.STRING, "its category"), DATE,
            ParameterType("quantity", Kind.INTEGER, "pieces on a line"),
            ParameterType("sum_quantity", Kind.INTEGER, "pieces in all", aggregate=True), COUNT,
        ),
        completes="products",
    ),
    Attribute(
        "orders_placed", Kind.FUNCTION, "Ordered", "Orders that count, at what is left of them",
        parameters=(
            ids("app_id", "the app"), ids("location_id", "the location"),
            ParameterType("amount", Kind.FLOAT, "the order's amount"), DATE, COUNT,
            ParameterType("sum_amount", Kind.FLOAT, "all amounts", aggregate=True),
        ),
    ),
    *(
        Attribute(f"shopify_email.{what}", Kind.FUNCTION, label, parameters=ACTIVITY)
        for what, label in (
            ("bounced", "E-mail bounced"), ("clicked", "Clicked in an e-mail"),
            ("delivered", "E-mail delivered"), ("marked_as_spam", "Marked an e-mail as spam"),
            ("opened", "Opened an e-mail"), ("unsubscribed", "Unsubscribed by an e-mail"),
        )
    ),
    Attribute("storefront.product_viewed", Kind.FUNCTION, "Viewed a product", parameters=VIEWED),
    Attribute(
        "storefront.collection_viewed", Kind.FUNCTION, "Viewed a collection", parameters=VIEWED
    ),
    Attribute(
        "store_credit_accounts", Kind.FUNCTION, "Store credit",
        parameters=(
            ParameterType("balance", Kind.FLOAT, "the balance"),
            ParameterType("currency", Kind.STRING, "its currency"),
            ParameterType("next_expiry_date", Kind.DATE, "when it expires"),
            ParameterType("last_credit_date", Kind.DATE, "when it was last credited"),
        ),
    ),
    Attribute(
        "customer_within_distance", Kind.FUNCTION, "Lives near",
        "coordinates = '52.52,13.405', with distance_km or distance_mi",
        parameters=(
            ParameterType("coordinates", Kind.STRING, "latitude, longitude"),
            ParameterType("distance_km", Kind.FLOAT, "kilometres"),
            ParameterType("distance_mi", Kind.FLOAT, "miles"),
        ),
    ),
    Attribute(
        "anniversary", Kind.DATE, "Anniversary of a date", "The year is left out of it",
        nullable=True, takes_argument=True,
    ),
)  # fmt: skip
# Families: the type of a metafield is not known, so any value that a query gives is accepted.
METAFIELDS = Attribute("customer.", Kind.STRING, "Metafields", nullable=True)
OURS = (
    Attribute(
        "segment", Kind.FUNCTION, "Is in a segment", "segment('id or name') MATCHES ()",
        takes_argument=True, extension=True, completes="segments",
    ),
    Attribute(
        "customer_tag_prefix", Kind.STRINGS, "Has a tag that begins with", "In any case",
        nullable=True, extension=True,
    ),
    Attribute("rfm_recency", Kind.INTEGER, "RFM recency score", "1 to 5", nullable=True,
              extension=True),
    Attribute("rfm_frequency", Kind.INTEGER, "RFM frequency score", "1 to 5", nullable=True,
              extension=True),
    Attribute("rfm_monetary", Kind.INTEGER, "RFM monetary score", "1 to 5", nullable=True,
              extension=True),
)  # fmt: skip

for _attribute in (*SHOPIFYS, *OURS):
    add_attribute(_attribute)
add_attribute(METAFIELDS, prefix=True)
