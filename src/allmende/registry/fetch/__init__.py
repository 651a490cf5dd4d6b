"""Talk to a registry elsewhere: send it a report, read its public record, a certificate, or what is due."""
