package audit

import "context"

// Die takes a measure up as a process does that dies then.
func (b *Book) Die(ctx context.Context, id int64) (claimed bool, err error) {
	p, err := b.claim(ctx, id)
	return p != nil, err
}
