"""A store's history, fetched by Shopify's bulk operations and applied like webhooks."""
