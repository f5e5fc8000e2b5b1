"""Turn invoices into what happened in the shop: orders placed, refunds, orders changed by them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bench.online_retail import Invoice, Line, clean, pence

ORDER_CREATED = "orders/create"
ORDER_UPDATED = "orders/updated"
REFUND_CREATED = "refunds/create"


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """So many pieces of one order line taken back."""

    line: Line
    quantity: int

    @property
    def subtotal(self) -> Decimal:
        """At the price of the order's line, so that no order is refunded beyond its total."""
        return pence(self.quantity * self.line.price)


@dataclass(frozen=True, slots=True)
class Refund:
    """What one C invoice took back from one order; `index` counts its orders from 1."""

    invoice: Invoice
    index: int
    lines: tuple[RefundedLine, ...]

    @property
    def amount(self) -> Decimal:
        """What was given back."""
        return sum((refunded.subtotal for refunded in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook's content: the order and its refunds so far; refunds/create is about the last."""

    topic: str
    order: Invoice
    refunds: tuple[Refund, ...] = ()
    customer_since: str | None = None

    @property
    def cause(self) -> Invoice:
        """The invoice that made this happen: it gives the event its time."""
        return self.refunds[-1].invoice if self.refunds else self.order


@dataclass
class Story:
    """The events in their order, and what was counted and not told, by reason."""

    events: list[Event] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    orders: int = 0


@dataclass(slots=True)
class _Holding:
    """An order line that a refund may still take from."""

    order: Invoice
    line: Line
    left: int


def clean_story(invoices: Iterable[Invoice], limit: int | None = None) -> Story:
    """The orders of the clean rule; with a limit, the first so many."""
    teller = _Teller()
    kept, teller.story.left_out = clean(invoices, limit)
    for invoice in kept:
        teller.place(invoice)
    return teller.story


def whole_story(invoices: Iterable[Invoice], limit: int | None = None) -> Story:
    """Orders, guest orders and refunds; with a limit, everything up to the order of that number."""
    teller = _Teller()
    for invoice in invoices:
        if limit is not None and teller.story.orders >= limit:
            break
        if invoice.is_adjustment:
            teller.story.left_out['"A" invoices'] += 1
        elif invoice.is_refund:
            teller.refund(invoice)
        else:
            teller.sell(invoice)
    return teller.story


class _Teller:
    """Walks through the invoices in time and keeps what refunds need to know."""

    def __init__(self) -> None:
        self.story = Story()
        self._since: dict[int | None, str] = {}
        self._holdings: dict[tuple[int | None, str], list[_Holding]] = {}
        self._refunds: dict[str, tuple[Refund, ...]] = {}

    def sell(self, invoice: Invoice) -> None:
        sold = tuple(line for line in invoice.lines if line.quantity > 0)
        self.story.left_out["lines with quantity not above 0"] += len(invoice.lines) - len(sold)
        if not sold:
            self.story.left_out["invoices left with no line"] += 1
            return
        order = replace(invoice, lines=sold)
        self.place(order)
        for line in sold:
            holding = _Holding(order, line, line.quantity)
            self._holdings.setdefault((order.customer, line.stock_code), []).append(holding)

    def place(self, order: Invoice) -> None:
        self.story.orders += 1
        if order.customer is not None:
            self._since.setdefault(order.customer, order.date)
        self._tell(ORDER_CREATED, order)

    def refund(self, invoice: Invoice) -> None:
        if invoice.customer is None:
            self.story.left_out["C invoices without a customer"] += 1
            return
        # Two C lines may take from one order line: a refund names each line once.
        taken: dict[str, Counter[Line]] = {}
        orders: dict[str, Invoice] = {}
        for returned in invoice.lines:
            for holding, quantity in self._take(invoice, returned):
                orders[holding.order.number] = holding.order
                taken.setdefault(holding.order.number, Counter())[holding.line] += quantity
        if not taken:
            self.story.left_out["C invoices that match nothing"] += 1
        for index, (number, pieces) in enumerate(taken.items(), start=1):
            lines = tuple(RefundedLine(line, quantity) for line, quantity in pieces.items())
            self._give_back(orders[number], Refund(invoice, index, lines))

    def _take(self, invoice: Invoice, returned: Line) -> list[tuple[_Holding, int]]:
        """Pieces of the customer's earlier orders with the stock code, the latest line first."""
        wanted, taken = -returned.quantity, []
        holdings = self._holdings.get((invoice.customer, returned.stock_code), [])
        for holding in reversed(holdings):
            # An order of the same minute is not an earlier one.
            if wanted and holding.left and holding.order.date < invoice.date:
                quantity = min(wanted, holding.left)
                holding.left -= quantity
                wanted -= quantity
                taken.append((holding, quantity))
        self._count_unmatched(returned, wanted)
        return taken

    def _count_unmatched(self, returned: Line, unmatched: int) -> None:
        if unmatched == -returned.quantity:
            self.story.left_out["refund lines that match nothing"] += 1
        elif unmatched:
            self.story.left_out["refund lines matched in part"] += 1
        self.story.left_out["refunded pieces that match nothing"] += unmatched

    def _give_back(self, order: Invoice, refund: Refund) -> None:
        refunds = (*self._refunds.get(order.number, ()), refund)
        self._refunds[order.number] = refunds
        self._tell(REFUND_CREATED, order, refunds)
        self._tell(ORDER_UPDATED, order, refunds)

    def _tell(self, topic: str, order: Invoice, refunds: tuple[Refund, ...] = ()) -> None:
        since = self._since.get(order.customer) if order.customer is not None else None
        self.story.events.append(Event(topic, order, refunds, since))
