"""Mutation testing of the model answers: does each check see each small change?"""
