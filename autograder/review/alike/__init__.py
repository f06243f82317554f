"""What is alike: functions by what they do and how they are written, answers by their words."""
