"""Holds parts of the running application that `app.py` puts together and that belong to no room."""
