"""The landlock wall, for places that refuse namespaces: rules on files, a filter, and a supervisor per submission."""
