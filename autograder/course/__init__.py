"""nbgrader: our preprocessors, what is handed in, the outcomes, and the course's configuration."""
