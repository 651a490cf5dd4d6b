"""The report: its document, its forms, and the signature over its bytes."""
