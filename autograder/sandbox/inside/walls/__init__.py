"""How a submission is forked behind its wall: the zygote, each wall's door, the steps of raising it, the reaper."""
