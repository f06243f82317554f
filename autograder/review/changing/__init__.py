"""What is done to many at once: planned, previewed, applied, logged, undone."""
