"""The student process and its walls; knows nothing of nbgrader or of any exercise."""
