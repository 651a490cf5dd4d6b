"""Operations transparency: what a provider says of its cloud, and whether that is what was measured."""
