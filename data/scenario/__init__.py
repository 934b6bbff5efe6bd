"""The scenario, one file a layer or two. Everything here is fictional."""
