"""A class of 30 invented students, taken through the whole nbgrader circle in a scratch course."""
