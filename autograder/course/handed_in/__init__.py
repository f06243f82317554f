"""What students handed in beside what they were handed: answers that stand elsewhere, pictures, what means nothing."""
