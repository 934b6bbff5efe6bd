"""Pure functions on Datasets: no I/O, no Streamlit, no clock of its own."""
