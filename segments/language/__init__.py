"""Shopify's segment query language: text to tree and back, without a database."""
