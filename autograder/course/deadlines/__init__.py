"""When work is due: the assignments' dates, and the later ones that single students have been given."""
