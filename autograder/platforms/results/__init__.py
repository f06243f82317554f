"""The result files of other platforms: what `autograder check --format` prints of files that were judged."""
