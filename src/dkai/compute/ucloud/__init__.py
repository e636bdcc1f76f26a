"""A job for UCloud as a folder that the person starts in the browser, and its results brought back."""
