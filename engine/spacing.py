"""What stands for a space inside inline maths, where a line must not be broken."""

HARD_SPACE = "\ue000"
