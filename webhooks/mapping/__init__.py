"""Shopify's payloads become our data here, without the ORM and without I/O."""
