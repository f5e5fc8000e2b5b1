"""Numbers of a store that can be checked: each from rollups, each the same as a recount's.

What counts is said in `orders.counting`. A period is whole days of the store; an amount is in the
store's currency, and orders in another are told beside it, never added.
"""
