"""What Shopify asks for people and for stores that leave: their data, or its erasure."""
