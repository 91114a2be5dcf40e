"""Repair: finds garbled spans in lines of text and decodes them. The public face is `repairer.Repairer`."""
