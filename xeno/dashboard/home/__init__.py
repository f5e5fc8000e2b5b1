"""The home page of the open store: how it does, what arrives, what to do next.

The page itself reads rollups and a few rows, eight statements at most. What needs the orders
themselves (who bought most, what campaigns brought) comes after it by a request of its own, and
what arrives is asked for every few seconds.
"""
