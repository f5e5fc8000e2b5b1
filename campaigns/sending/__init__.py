"""From a frozen campaign to mailboxes: claim, hand over, settle; each at most once a person.

`docs/decisions/0014-how-a-campaign-goes-out.md` says how; every move between states of a message
is in this package.
"""
