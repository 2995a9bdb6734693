"""The media process: one UDP socket, every packet forwarded or handed to a sink, nothing that blocks."""
