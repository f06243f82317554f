"""What the instructor's review knows of a graded class: statistics, groups, stories, a queue, changes to many."""
