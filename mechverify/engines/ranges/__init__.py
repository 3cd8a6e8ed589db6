"""What is known of each node over the whole input box."""
