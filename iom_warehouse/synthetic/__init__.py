"""Deliveries made by ourselves: the Rossi and Leeds examples and a sample partnership. Nobody in them exists."""
