"""Hidden tests of ordinary grade cells, moved into graders: what can be moved, the proof, and the files."""
