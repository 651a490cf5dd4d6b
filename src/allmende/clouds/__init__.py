"""The doors to clouds: one module per vendor library, which alone imports it and translates its errors."""
