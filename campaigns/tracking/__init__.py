"""What comes back of messages: signed links, opens and clicks, unsubscribes, providers' events."""
