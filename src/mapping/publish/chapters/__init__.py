"""The chapters of the report: each says what one part of it holds, as blocks."""
