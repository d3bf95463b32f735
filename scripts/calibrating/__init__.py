"""Pictures whose readings show how sure to be, and what is made of them."""
