"""Mock exams: sittings with a clock, an answer sheet, and a report at the end."""
