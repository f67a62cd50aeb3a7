"""The experiments of the ReLaX-Net paper (arXiv 2511.00044), as studies that anyone can rerun."""
