"""Starting a course, and making one that is there ours; both can be taken back."""
