"""Names that every part of the package knows; importing this loads nothing else."""

PREFIX = "test_"  # of a grader's module, its criteria, and the grade cell that it judges
