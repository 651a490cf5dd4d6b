"""Talk to a registry elsewhere: send it a report (`submit`), read its public record (`record`)."""
