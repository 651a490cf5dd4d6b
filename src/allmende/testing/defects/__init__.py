"""What may be wrong with a fake cloud, as values: defects by which testcases fail, blindnesses that leave them open."""
