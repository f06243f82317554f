"""This folder is an nbgrader course: run nbgrader's commands from here."""

from autograder.course.configure import configure

c = get_config()
c.CourseDirectory.course_id = "neuron-course"

# Change it for your course and keep it: equal for all students of a run, so a regrade gives the same marks.
c.Autograder.seed = 57

configure(c)
