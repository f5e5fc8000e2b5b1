"""The report of a campaign: what went out, what came back, what it earned, and what it brought."""
