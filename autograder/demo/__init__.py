"""Invented students, a class per assignment, taken through the whole nbgrader circle in a scratch course."""
