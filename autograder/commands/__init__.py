"""The commands of `autograder`, a module each."""
