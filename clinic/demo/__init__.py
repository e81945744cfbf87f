"""A clinic to look at: invented people, enrolled and played forward by the product's own actions."""
