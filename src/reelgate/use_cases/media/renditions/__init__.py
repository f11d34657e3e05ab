"""Make smaller renditions of packaged videos."""
