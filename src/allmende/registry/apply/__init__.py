"""Send messages: to webhooks and by e-mail. Each way raises UndeliveredError with a sentence that can be shown."""
