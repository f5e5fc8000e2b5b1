"""What counts as an order and what as revenue: said here, and nowhere else.

An order counts unless it is a test, was cancelled, or its payment was voided or expired; deleted
ones are gone (`Order.counted`). Its revenue is what is left of it after edits and refunds
(`Order.current_amount`), on the day on which it was placed, in its own currency. So a refund or a
cancellation of today takes from the day of the order, and every sum of revenue agrees with the
customers' totals.
"""

# Of the alias `o`, in every statement that adds orders up.
COUNTED = "o.counted"
REVENUE = "o.current_amount"

# Of the alias `l`: a line at its price, without what was taken back, less its part of the discount.
LINE_REVENUE = """(l.price * l.current_quantity
    - CASE WHEN l.quantity > 0 THEN l.discount * l.current_quantity / l.quantity ELSE 0 END)"""
