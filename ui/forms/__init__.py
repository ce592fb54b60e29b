"""Application forms on paper: one painter for the preview on screen, the PDF and the printer."""
