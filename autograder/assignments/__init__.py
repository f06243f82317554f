"""Everything hidden, a folder an assignment: reference, graders, mistakes, variants, and its settings."""
