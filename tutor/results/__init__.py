"""What a class got wrong: the rows that ``tutor check FILE`` wrote, summed up."""
