"""What a message says: Liquid, merge fields, links, the text part, and checks before sending."""
