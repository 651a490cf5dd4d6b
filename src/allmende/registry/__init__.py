"""The public record: who reported what about which subject, and what follows from it."""
