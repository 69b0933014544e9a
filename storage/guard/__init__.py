"""What no text, link or message that leaves or enters may carry: secrets, and addresses that are not of the web."""
