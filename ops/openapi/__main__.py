"""Write openapi.yaml: `python -m ops.openapi`, or `make openapi`."""

from ops.openapi.document import ROOT, openapi

(ROOT / "openapi.yaml").write_text(openapi(), encoding="utf-8")
