"""Configuration text to `Device`: outline (lines to stanzas), grammar (lines to statements), model (typed objects)."""
