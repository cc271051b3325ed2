package store_test

func child(task string) int { return 1 }
