"""The stories: what happens in which order. Start reading at `customer_turn`."""
