"""The one way to Shopify: install, tokens, and the Admin API, on ShopifyAPI's helpers."""
