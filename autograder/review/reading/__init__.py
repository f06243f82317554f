"""What a graded class holds, read from its outcomes, gradebook and notebooks; student text in confined processes."""
