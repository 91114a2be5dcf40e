"""Files for readers and libraries, made of a repaired document: PDF, HTML, DOCX. `pipeline.write` keeps the files."""
