"""What is kept of a graded class: gradebook, graded notebooks, outcomes and their history."""
