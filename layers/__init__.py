"""The ground floor: what a layer is. Imports nothing else of ours."""
