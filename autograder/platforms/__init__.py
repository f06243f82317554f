"""Marks and results in the files that other platforms read: Canvas, Moodle and what grades elsewhere."""
