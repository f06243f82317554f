"""A submission's cells run behind the walls, and its functions called there."""
