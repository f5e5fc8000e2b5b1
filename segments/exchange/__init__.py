"""Segments that leave and come: as text, and from the store's own admin in Shopify."""
