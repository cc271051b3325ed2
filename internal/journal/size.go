package journal

import "github.com/estelam/estelam/internal/store"

// LogSizes tells, by the name of each database of the node, how many bytes of
// its write-ahead log are not yet in it (store.DB.LogSize): what keeps growing
// is what an operator must hear of.
func (j *Journal) LogSizes() map[string]int64 {
	sizes := map[string]int64{}
	for _, db := range []*store.DB{j.db, j.register, j.projection} {
		sizes[db.Database().String()] = db.LogSize()
	}
	return sizes
}
