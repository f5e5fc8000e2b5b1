"""The figures of a period on cards, each against the period before."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from campaigns.numbers.reach import Reachable
from orders.numbers.figures import Figures, Sales, change_of
from tenants.scoping.display import money

NO_FIGURE = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """How much more or less than before: an arrow, a colour, and words for who sees neither."""

    share: float | None  # None: there was nothing to compare with
    points: bool = False  # percentage points instead of a share

    @property
    def kind(self) -> str:
        """Up, down, or neither."""
        if self.share is None or abs(self.share) < 0.0005:
            return "flat"
        return "up" if self.share > 0 else "down"

    @property
    def figure(self) -> str:
        """`12.5 %`, without the sign that the arrow gives."""
        if self.share is None:
            return ""
        size = abs(self.share) * 100
        unit = "pts" if self.points else "%"
        return f"{size:,.0f} {unit}" if size >= 100 else f"{size:.1f} {unit}"

    @property
    def words(self) -> str:
        """For readers of the screen."""
        if self.share is None:
            return "nothing to compare with"
        if self.kind == "flat":
            return "as before"
        return f"{self.kind} {self.figure}"


@dataclass(frozen=True, slots=True)
class Card:
    """One number: what it is, what it says, how it changed, what to know, where it leads."""

    title: str
    value: str
    unit: str = ""
    change: Change | None = None
    note: str = ""
    href: str = ""
    warn: bool = False


def figure_cards(now: Figures, before: Figures) -> list[Card]:
    """Revenue, orders, their average, customers and how often they come back."""
    own, earlier = now.sales, before.sales
    return [
        money_card("Revenue", own.revenue, own.currency, earlier.revenue, others_note(now.others)),
        count_card("Orders", own.orders, earlier.orders),
        money_card("Average order", own.average, own.currency, earlier.average),
        count_card("New customers", now.new_customers, before.new_customers),
        count_card(
            "Returning customers",
            now.returning_customers,
            before.returning_customers,
        ),
        share_card("Repeat rate", now.repeat_rate, before.repeat_rate),
    ]


def money_card(
    title: str, amount: Decimal | None, currency: str, before: Decimal | None, note: str = ""
) -> Card:
    """An amount with its currency beside it."""
    if amount is None:
        return Card(title, NO_FIGURE, note=note or "No orders in these days")
    figure, _, unit = money(amount, currency).rpartition(" ")
    was = f"{money(before, currency)} before" if before else "none before"
    return Card(title, figure, unit, Change(change_of(amount, before)), note or was)


def count_card(title: str, count: int, before: int) -> Card:
    """How many."""
    was = f"{before:,} before" if before else "none before"
    return Card(title, f"{count:,}", change=Change(change_of(count, before)), note=was)


def share_card(title: str, share: float | None, before: float | None) -> Card:
    """A share of customers; it changes by points."""
    if share is None:
        return Card(title, NO_FIGURE, note="No customers in these days")
    change = None if before is None else share - before
    was = "none before" if before is None else f"{before:.1%} before"
    return Card(title, f"{share * 100:.1f}", "%", Change(change, points=True), was)


def others_note(others: list[Sales]) -> str:
    """Revenue in other currencies, which is beside the figure and never in it."""
    if not others:
        return ""
    told = [money(each.revenue, each.currency) for each in others[:3]]
    more = f" and {len(others) - 3} more currencies" if len(others) > 3 else ""
    return f"and {', '.join(told)}{more}"


def reach_card(reach: Reachable, before: Reachable | None) -> Card:
    """Whom the store may write to now, against the end of the period before."""
    title = "Reachable by e-mail"
    if reach.counted_at is None:
        return Card(title, NO_FIGURE, note="Being counted")
    was = f"{before.by_email:,} before" if before else "none before"
    share = f" · {reach.share:.0%} of {reach.customers:,}" if reach.share is not None else ""
    change = Change(change_of(reach.by_email, before.by_email if before else None))
    href = f"{reverse('admin:customers_customer_changelist')}?email_consent=subscribed"
    return Card(title, f"{reach.by_email:,}", "", change, f"{was}{share}", href)
