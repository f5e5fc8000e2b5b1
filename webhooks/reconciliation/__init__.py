"""Whether what is held equals what Shopify holds: compared, mended, written down, told."""
