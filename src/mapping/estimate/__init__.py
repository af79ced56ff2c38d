"""From answers to estimates: design-based first, small-area models where few pupils answered, rates of cases."""
