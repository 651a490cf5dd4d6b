"""What may enter the record (`admission`), and what follows from it (`scores`). Pure: values in, values out."""
