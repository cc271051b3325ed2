package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// Upload hands in the file of a delivery, of any length, and verifies the
// receipt of the act. A file that broke off is sent again from its beginning.
func (c *Client) Upload(ctx context.Context, delivery int64, file io.Reader) (*Done, error) {
	address := c.base + "/v1/deliveries/upload?delivery=" + strconv.FormatInt(delivery, 10)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, address, io.NopCloser(file))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	res, err := c.long(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, newProblem(res, body)
	}
	d, err := c.done(res.Header, body)
	if err == nil && d.Receipt == nil {
		return nil, errNoReceipt
	}
	return d, err
}

// PackagePart writes one part of a media package to w, from its byte from on,
// and tells how many bytes came, also when the connection broke.
func (c *Client) PackagePart(ctx context.Context, delivery int64, part int, from int64, w io.Writer) (int64, error) {
	address := fmt.Sprintf("%s/v1/deliveries/part?delivery=%d&part=%d", c.base, delivery, part)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	res, err := c.long(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	switch {
	case res.StatusCode == http.StatusOK && from == 0:
	case res.StatusCode == http.StatusPartialContent && from > 0:
	case res.StatusCode < 300:
		return 0, errors.New("client: the server sent another range")
	default:
		body, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // a problem, or nothing to go by
		return 0, newProblem(res, body)
	}
	n, err := io.Copy(w, res.Body)
	if err != nil {
		return n, fmt.Errorf("client: %w", err)
	}
	return n, nil
}

// long sends what may take as long as it likes; its context ends it.
func (c *Client) long(req *http.Request) (*http.Response, error) {
	if c.english {
		req.Header.Set("Accept-Language", "en")
	}
	patient := *c.http
	patient.Timeout = 0
	res, err := patient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	return res, nil
}
