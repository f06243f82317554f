"""An assignment on its way to students: checked, tried and released without its solutions."""
