"""What a student reads: the card's content, as HTML and as text, with pictures; judges nothing."""
