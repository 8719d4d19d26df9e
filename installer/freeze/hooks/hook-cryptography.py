"""In place of the hook for the real package: this one is a stand-in, see stand_ins."""
