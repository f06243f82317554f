"""What runs inside the walls; mounted there by itself, so it imports nothing of ours but its own modules."""
