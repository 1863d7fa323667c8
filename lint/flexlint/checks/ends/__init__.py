"""Checks that hold the configurations of both ends against each other."""
