"""What a device's configuration says will be chosen for a peer, with every rejected candidate and the reason."""
