"""A report's numbers in words: what each is, what it means, and where it stands in the funnel."""

from dataclasses import dataclass
from typing import Any

from campaigns.attribution import Model
from campaigns.measuring.proportions import Interval
from campaigns.models import Message
from campaigns.numbers.funnel import Funnel, Touched
from campaigns.numbers.lifting import Lifted, to_money
from campaigns.numbers.money import Earned
from campaigns.numbers.past import Compared
from orders.numbers.figures import per_order
from tenants.scoping.display import NOTHING, moment, money

MEANINGS = {
    "planned": "Everybody whom the audience held when the campaign was frozen.",
    "sent": "Messages that the mail provider took. Rates below are shares of these.",
    "delivered": "The recipient's server said that it has it. Not every provider tells.",
    "opened": "People whose mailbox fetched the picture, without the fetching of machines.",
    "clicked": "People who followed a link, without scanners of links.",
    "unsubscribed": "People who unsubscribed by a link of this campaign.",
    "complained": "People who marked it as spam; they are never written to again.",
    "bounced": "Addresses that do not exist any more; they are never written to again.",
}
MODELS = {
    Model.LAST_TOUCH: ("Last touch", "to the newest click or open before the order."),
    Model.LAST_CLICK: ("Last click", "to the newest click before the order; opens count nothing."),
    Model.FIRST_TOUCH: ("First touch", "to the oldest click or open within the window."),
}
COMPARED = {
    "delivered_rate": "Delivered",
    "opened_rate": "Opened",
    "clicked_rate": "Clicked",
    "bounced_rate": "Bounced",
    "unsubscribed_rate": "Unsubscribed",
    "complained_rate": "Marked as spam",
}
REASONS = dict(Message.Reason.choices)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel: how many people, which share, and how many machines beside them."""

    name: str
    meaning: str
    people: str
    share: str
    width: float  # of its bar, in percent
    machines: str


def steps(funnel: Funnel) -> list[Step]:
    """The funnel from everybody planned on; shares are of the sent, of the sent of the planned."""
    found = [
        step("planned", funnel.planned, None, funnel.planned),
        step("sent", funnel.sent, funnel.planned, funnel.planned),
    ]
    for kind in list(MEANINGS)[2:]:
        touched = funnel.touched[kind]
        found.append(step(kind, touched.people, funnel.sent, funnel.planned, touched))
    return found


def step(
    name: str, people: int, of: int | None, planned: int, touched: Touched | None = None
) -> Step:
    """One of them."""
    machines = touched.machines if touched else 0
    return Step(
        name.capitalize() if name != "complained" else "Marked as spam",
        MEANINGS[name],
        f"{people:,}",
        share(people / of) if of else "",
        round(100 * people / planned, 2) if planned else 0,
        f"{machines:,}" if machines else "",
    )


def share(part: float | None) -> str:
    """`12.3 %`; small ones with two figures, so that a complaint is not rounded away."""
    if part is None:
        return NOTHING
    return f"{100 * part:.2f} %" if part < 0.01 else f"{100 * part:.1f} %"


def others(funnel: Funnel) -> list[tuple[str, str]]:
    """What became of the rest of the planned."""
    rows = [
        ("Still to go", funnel.waiting),
        ("Failed", funnel.failed),
        ("Uncertain", funnel.uncertain),
        ("Held out to measure", funnel.holdout),
        *((REASONS.get(reason, reason), count) for reason, count in sorted(funnel.skipped.items())),
    ]
    return [(name, f"{count:,}") for name, count in rows if count]


def earned_rows(earned: list[Earned], funnel: Funnel, currency: str) -> list[dict[str, str]]:
    """The three models side by side."""
    return [
        {
            "name": MODELS[each.model][0],
            "meaning": MODELS[each.model][1],
            "revenue": money(each.revenue, currency),
            "orders": f"{each.orders:,}",
            "customers": f"{each.customers:,}",
            "each": money(per_order(each.revenue, funnel.sent, currency), currency),
        }
        for each in earned
    ]


def compared_rows(compared: list[Compared], currency: str) -> list[dict[str, str]]:
    """Each figure beside the median of the store's last campaigns."""
    return [
        {
            "name": COMPARED.get(each.name, "Revenue per recipient"),
            "own": told(each.own, each.name, currency),
            "past": told(each.past, each.name, currency),
        }
        for each in compared
    ]


def told(figure: float | None, name: str, currency: str) -> str:
    """A share, or money."""
    if figure is None:
        return NOTHING
    return share(figure) if name in COMPARED else money(to_money(figure), currency)


def lift_words(lifted: Lifted | None, currency: str) -> dict[str, Any] | None:
    """What it brought over what would have come anyway, or why that is not told."""
    if lifted is None:
        return None
    lift = lifted.lift
    return {
        "since": moment(lifted.since),
        "until": moment(lifted.until),
        "arms": [
            (name, f"{arm.people:,}", f"{arm.converted:,}",
             share(arm.converted / arm.people if arm.people else None))
            for name, arm in (("To be written to", lift.treated), ("Held out", lift.holdout))
        ],
        "refusal": lift.refusal,
        "conversion": lift.conversion and points(lift.conversion),
        "revenue": lift.revenue and amounts(lift.revenue, currency),
        "clear": lift.conversion and (lift.conversion.low > 0 or lift.conversion.high < 0),
    }  # fmt: skip


def points(interval: Interval) -> dict[str, str]:
    """A difference of shares, in percentage points."""
    return {
        name: f"{100 * value:+.2f} points"
        for name, value in (
            ("estimate", interval.estimate), ("low", interval.low), ("high", interval.high),
        )
    }  # fmt: skip


def amounts(interval: Interval, currency: str) -> dict[str, str]:
    """A difference of money."""
    return {
        name: money(to_money(value), currency)
        for name, value in (
            ("estimate", interval.estimate), ("low", interval.low), ("high", interval.high),
        )
    }  # fmt: skip
