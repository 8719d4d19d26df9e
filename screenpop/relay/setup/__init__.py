"""What ``screenpop relay init`` writes: keys, and a configuration for each program."""
