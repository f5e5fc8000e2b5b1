"""What of segments takes a worker's while: tags for all of their customers, Shopify's segments."""
