"""The assignments that the package brings, a hidden folder for each: reference, graders, catalogues, settings."""
