"""Results in the forms that other platforms take, and what they need to run our graders themselves."""
