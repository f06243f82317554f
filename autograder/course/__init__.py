"""An nbgrader course: its configuration, its assignments on their way, and one way to grade."""
