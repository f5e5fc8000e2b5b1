"""The bodies of the webhooks, in the shape of Shopify's API 2026-07."""
