"""Grading as work is handed in: what arrived, how often a day, whose feedback goes out."""
