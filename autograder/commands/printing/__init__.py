"""What several commands print: progress, summaries, tables."""
