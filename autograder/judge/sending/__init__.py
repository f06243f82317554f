"""Jobs and judgements on their way between processes and machines."""
