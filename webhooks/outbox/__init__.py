"""Edits on their way to Shopify: a row each, sent by a worker, settled or set aside."""
