"""Operating-system processes: started, watched, ended, and recognised again."""
