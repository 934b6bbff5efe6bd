"""The server: `streamlit run app.py`, or any ASGI server on `app:app`."""

import streamlit as st

from dashboard.assets import check_installed
from dashboard.routes import MIDDLEWARE, ROUTES
from layers.errors import OverlayError
from layers.settings import settings

try:
    check_installed()
    settings()
except OverlayError as error:
    raise SystemExit(str(error)) from None
app = st.App("dashboard/frame.py", routes=ROUTES, middleware=MIDDLEWARE)
