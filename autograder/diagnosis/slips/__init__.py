"""Answers that no catalogued mistake gives, told by the formula: which one step of the reference, changed, gives them.

Every step of the reference is changed in every small way: another name, sign or number, or the whole step doubled,
rounded, divided by n and so on. Where exactly this gives the student's numbers on all inputs, it is said in the text's
notation, as what the numbers are: not as what the student wrote.
"""
