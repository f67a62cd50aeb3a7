"""Reports: pages of HTML that need nothing but themselves, with the figures that answer."""
