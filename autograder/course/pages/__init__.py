"""The pages that show a submission, feedback and Formgrader's, made in confined processes from bounded input."""
