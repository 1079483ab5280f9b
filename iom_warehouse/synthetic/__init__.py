"""Deliveries made by ourselves: the Rossi, Leeds and Leicestershire examples and a sample partnership. Nobody in them exists."""
