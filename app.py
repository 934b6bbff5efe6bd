"""The server: `streamlit run app.py`, or any ASGI server on `app:app`."""

import streamlit as st

from dashboard.assets import check_installed
from dashboard.routes import MIDDLEWARE, ROUTES

check_installed()
app = st.App("dashboard/frame.py", routes=ROUTES, middleware=MIDDLEWARE)
