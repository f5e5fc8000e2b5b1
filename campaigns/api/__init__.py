"""Campaigns for programs: drafts and their steps, plans, messages, reports, the store's rules."""
