"""The audit of written files: do they agree, and can anything withheld be worked out from them?"""
