"""What is seen of the bot from outside: its processes, their health, metrics and logs, and the operator's commands."""
