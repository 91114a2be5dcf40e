"""Learn: glyph maps, lexicons and models, made from fonts and texts."""
