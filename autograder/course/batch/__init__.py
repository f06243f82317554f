"""`autograder autograde`: what `nbgrader autograde` does, on every core or a cluster, resumable."""
