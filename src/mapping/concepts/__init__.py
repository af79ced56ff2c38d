"""The nouns that flow through the house. They hold and check; they compute nothing and write nothing."""
