package fault

// List gathers what is wrong with an input, to report all of it at once.
type List []*Error

// When adds a fault of kind Invalid if it is so.
func (l *List) When(is bool, field, key string, args ...string) {
	if is {
		l.Add(field, New(Invalid, key, args...))
	}
}

// Add takes err and what hangs on it, each below field ("": as they are).
func (l *List) Add(field string, err error) {
	if err == nil {
		return
	}
	one := *Of(err)
	more := one.More
	one.More = nil
	for _, e := range append([]*Error{&one}, more...) {
		if field != "" {
			e = e.At(field)
		}
		*l = append(*l, e)
	}
}

// Err is one fault for all of them, nil for none.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	first := *l[0]
	first.More = l[1:]
	return &first
}
