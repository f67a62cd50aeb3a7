"""References that the models are held against, written without the models; cases that do it.

Nothing is imported here: ``photon-relax --help`` passes through on its way to the command.
"""
