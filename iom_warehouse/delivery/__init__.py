"""Deliveries as they lie in the inbox: folders, manifests and the bytes of their files. Nothing here touches the database."""
