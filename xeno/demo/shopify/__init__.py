"""A stand-in for Shopify: real HTTP, the real schema, faults to order.

Tests and `make run` connect to it, so that the whole flow is seen without a Shopify account.
"""
