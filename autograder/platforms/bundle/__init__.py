"""The archive with which another platform runs our graders, and what runs there."""
