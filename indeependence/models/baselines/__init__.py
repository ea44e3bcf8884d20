"""What others do against forgetting, small and readable, to be measured beside sums on the same tasks."""
