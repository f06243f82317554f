"""What is said of a wrong answer that no mistake of the catalogue explains."""
