"""The walls around student code: which there are, which of them stand here, and what each is told."""
