"""Values as polynomials, and what is known of them."""
