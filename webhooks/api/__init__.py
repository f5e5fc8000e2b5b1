"""What programs ask of a store's connection."""
