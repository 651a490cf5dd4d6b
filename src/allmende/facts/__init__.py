"""What can be observed of a cloud, as typed values. No judgement and no connection here."""
