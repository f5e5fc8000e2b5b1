"""Objects as the Admin API tells them, made from the payloads that webhooks tell."""

from typing import Any

from xeno.demo.people import COORDINATES

Json = dict[str, Any]

COMPANIES, COMPANIES_IN_ALL = 300_000_000, 4
BUYERS = ("CHAMPIONS", "LOYAL", "ACTIVE", "AT_RISK", "NEEDS_ATTENTION")
OTHERS = ("NEW", "PROMISING", "DORMANT", "ALMOST_LOST", "PREVIOUSLY_LOYAL")
FULFILLMENT = {None: "UNFULFILLED", "partial": "PARTIALLY_FULFILLED"}


def gid(kind: str, number: int | None) -> str | None:
    """GraphQL's name of an object."""
    return None if number is None else f"gid://shopify/{kind}/{number}"


def upper(text: str | None) -> str | None:
    """A state as the Admin API spells it."""
    return text.upper() if text else None


def bag(amount: str | None, currency: str) -> Json | None:
    """An amount in the store's currency."""
    if amount is None:
        return None
    money = {"amount": amount, "currencyCode": currency}
    return {"shopMoney": money, "presentmentMoney": money}


def ref(kind: str, number: int | None) -> Json | None:
    """A node of which only the id is known."""
    return None if number is None else {"__typename": kind, "id": gid(kind, number)}


def customer_node(payload: Json) -> Json:
    """A customer; `consents`, `tags` and `totals` are what the world added to the payload."""
    consents: Json = payload.get("consents", {})
    email, sms = consents.get("email", {}), consents.get("sms", {})
    totals = payload.get("totals", {})
    address = payload.get("default_address")
    spent = {
        "amount": totals.get("spent", "0.00"),
        "currencyCode": payload.get("currency") or "GBP",
    }
    return {
        "__typename": "Customer",
        "id": gid("Customer", payload["id"]),
        "firstName": payload.get("first_name"),
        "lastName": payload.get("last_name"),
        "state": upper(payload.get("state")) or "DISABLED",
        "locale": payload.get("locale") or "en",
        "note": payload.get("note"),
        "tags": sorted(payload.get("tags") or []),
        "createdAt": payload["created_at"],
        "updatedAt": payload["updated_at"],
        "numberOfOrders": str(totals.get("orders", 0)),
        "amountSpent": spent,
        "defaultEmailAddress": payload.get("email")
        and {
            "emailAddress": payload["email"],
            "marketingState": upper(email.get("state")) or "NOT_SUBSCRIBED",
            "marketingOptInLevel": upper(email.get("opt_in_level")),
            "marketingUpdatedAt": email.get("consent_updated_at"),
            "openTrackingLevel": upper(email.get("open_tracking_level")) or "UNKNOWN",
        },
        "defaultPhoneNumber": payload.get("phone")
        and {
            "phoneNumber": payload["phone"],
            "smsMarketingConsent": (
                sms
                and {
                    "state": upper(sms.get("state")) or "NOT_SUBSCRIBED",
                    "optInLevel": upper(sms.get("opt_in_level")),
                    "updatedAt": sms.get("consent_updated_at"),
                }
            )
            or None,
        },
        "defaultAddress": address and address_node(address),
        "addressesV2": [address_node(each) for each in addresses_of(payload)],
        "companyContactProfiles": companies_of(payload),
        **judgement(payload["id"], int(totals.get("orders", 0))),
    }


def addresses_of(payload: Json) -> list[Json]:
    """All of a customer's addresses; whoever told no list has the default one."""
    default = payload.get("default_address")
    others = [each for each in payload.get("addresses") or () if each["id"] != number_of(default)]
    return [*([default] if default else []), *others]


def number_of(address: Json | None) -> int | None:
    """Shopify's id of an address."""
    return address.get("id") if address else None


def address_node(payload: Json) -> Json:
    """An address of a customer."""
    latitude, longitude = COORDINATES.get(payload.get("city") or "", (None, None))
    return {
        "__typename": "MailingAddress",
        "id": f"gid://shopify/MailingAddress/{payload.get('id', 1)}?model_name=CustomerAddress",
        "city": payload.get("city"),
        "provinceCode": payload.get("province_code"),
        "countryCodeV2": payload.get("country_code"),
        "latitude": latitude,
        "longitude": longitude,
    }


def companies_of(payload: Json) -> list[Json]:
    """Whoever buys wholesale buys for a company."""
    if "wholesale" not in (payload.get("tags") or ()):
        return []
    return [{"company": ref("Company", COMPANIES + payload["id"] % COMPANIES_IN_ALL)}]


def judgement(customer_id: int, orders: int) -> Json:
    """What Shopify thinks of a customer: made up, and the same every time."""
    group = (BUYERS if orders else OTHERS)[customer_id % 5]
    return {
        "statistics": {
            "rfmGroup": group,
            "predictedSpendTier": ("LOW", "MEDIUM", "LOW", "HIGH")[customer_id % 4],
        },
        "productSubscriberStatus": "NEVER_SUBSCRIBED" if customer_id % 19 else "ACTIVE",
    }


def order_node(payload: Json) -> Json:
    """An order, its lines under `lineItems` as a plain list."""
    currency = payload["currency"]
    customer = payload.get("customer")
    landing = payload.get("landing_site")
    return {
        "__typename": "Order",
        "id": gid("Order", payload["id"]),
        "name": payload["name"],
        "test": bool(payload.get("test")),
        "email": payload.get("email"),
        "createdAt": payload["created_at"],
        "processedAt": payload.get("processed_at") or payload["created_at"],
        "updatedAt": payload["updated_at"],
        "cancelledAt": payload.get("cancelled_at"),
        "displayFinancialStatus": upper(payload.get("financial_status")),
        "displayFulfillmentStatus": FULFILLMENT.get(payload.get("fulfillment_status"))
        or upper(payload.get("fulfillment_status")),
        "sourceName": payload.get("source_name"),
        "discountCodes": [used["code"] for used in payload.get("discount_codes") or ()],
        "currencyCode": currency,
        "app": ref("App", payload.get("app_id")),
        "customer": ref("Customer", customer["id"] if customer else None),
        "totalPriceSet": bag(payload["total_price"], currency),
        "currentTotalPriceSet": bag(
            payload.get("current_total_price", payload["total_price"]), currency
        ),
        "customerJourneySummary": {"lastVisit": {"landingPage": landing}},
        "refunds": [refund_node(refund, currency) for refund in payload.get("refunds") or ()],
        "lineItems": [line_node(line, currency) for line in payload.get("line_items") or ()],
    }


def refund_node(payload: Json, currency: str) -> Json:
    """A refund within an order."""
    paid = sum(float(moved["amount"]) for moved in payload.get("transactions") or ())
    return {
        "__typename": "Refund",
        "id": gid("Refund", payload["id"]),
        "createdAt": payload.get("created_at"),
        "note": payload.get("note"),
        "totalRefundedSet": bag(f"{paid:.2f}", currency),
    }


def line_node(payload: Json, currency: str) -> Json:
    """A line of an order."""
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", payload["id"]),
        "title": payload.get("title") or "",
        "sku": payload.get("sku"),
        "quantity": payload["quantity"],
        "currentQuantity": payload.get("current_quantity", payload["quantity"]),
        "product": ref("Product", payload.get("product_id")),
        "variant": ref("ProductVariant", payload.get("variant_id")),
        "originalUnitPriceSet": bag(payload["price"], currency),
        "totalDiscountSet": bag(payload.get("total_discount") or "0.00", currency),
    }


def product_node(payload: Json) -> Json:
    """A product."""
    category = payload.get("category")
    return {
        "__typename": "Product",
        "id": gid("Product", payload["id"]),
        "title": payload["title"],
        "vendor": payload.get("vendor") or "",
        "productType": payload.get("product_type") or "",
        "status": upper(payload.get("status")) or "ACTIVE",
        "tags": [tag.strip() for tag in (payload.get("tags") or "").split(",") if tag.strip()],
        "category": category
        and {"id": category["admin_graphql_api_id"], "fullName": category["full_name"]},
        "createdAt": payload["created_at"],
        "updatedAt": payload["updated_at"],
    }


def checkout_node(payload: Json) -> Json:
    """An abandoned checkout; its buyer with the address that was typed."""
    customer = payload.get("customer")
    buyer = ref("Customer", customer["id"]) if customer else None
    if buyer is not None:
        buyer["defaultEmailAddress"] = {"emailAddress": payload.get("email")}
    return {
        "__typename": "AbandonedCheckout",
        "id": gid("AbandonedCheckout", payload["id"]),
        "abandonedCheckoutUrl": payload["abandoned_checkout_url"],
        "createdAt": payload["created_at"],
        "updatedAt": payload["updated_at"],
        "completedAt": payload.get("completed_at"),
        "customer": buyer,
        "totalPriceSet": bag(payload["total_price"], payload["currency"]),
    }


NODES = {
    "customers": customer_node,
    "orders": order_node,
    "products": product_node,
    "abandonedCheckouts": checkout_node,
}
