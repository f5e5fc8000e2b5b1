"""What staff see first: the admin site, its look, its home page."""
