"""A submission as it was handed in: looked at, read, its cells put right, and what stands elsewhere in it found."""
