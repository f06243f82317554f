"""The certificate: every catalogued solution is judged, and what the graders make of it is written down."""
