"""The visible checks of a notebook: its set-up cell, written from the reference, the catalogue and small inputs."""
