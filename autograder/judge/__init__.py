"""From a notebook's bytes to its outcome; runs in a worker process and knows nothing of nbgrader's gradebook."""
