package forgetest

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// A Description names one of GitHub's OpenAPI descriptions.
type Description string

// The descriptions that tests run against.
const (
	GitHub           Description = "api.github.com"
	EnterpriseServer Description = "ghes-3.19"
)

// parts holds what the routes need of each description. They are cut from the npm
// package @octokit/openapi, whose license lies beside them, by "make descriptions".
//
//go:embed openapi/*.json
var parts embed.FS

// file returns the name of the part of a description.
func (d Description) file() string { return "openapi/" + string(d) + ".json" }

// A description is the part of GitHub's description for the routes.
type description struct{ doc *openapi3.T }

var descriptions = map[Description]func() (*description, error){
	GitHub:           sync.OnceValues(func() (*description, error) { return load(GitHub) }),
	EnterpriseServer: sync.OnceValues(func() (*description, error) { return load(EnterpriseServer) }),
}

// describe returns a description, which is read once in a process.
func describe(t testing.TB, name Description) *description {
	t.Helper()
	read, ok := descriptions[name]
	if !ok {
		t.Fatalf("there is no description %q", name)
	}
	d, err := read()
	if err != nil {
		t.Fatalf("reading GitHub's description of its API: %v", err)
	}
	return d
}

func load(name Description) (*description, error) {
	part, err := parts.ReadFile(name.file())
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(part)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name.file(), err)
	}
	for _, rt := range routes {
		if item := doc.Paths.Value(rt.path); item == nil || item.GetOperation(rt.method) == nil {
			return nil, fmt.Errorf("%s: %s %s is not in it: run \"make descriptions\"", name.file(), rt.method, rt.path)
		}
	}
	return &description{doc: doc}, nil
}

// An operation checks one route against its description.
type operation struct {
	route routers.Route
	// basic is the body of errors that GitHub documents for all operations
	// and therefore does not repeat in each.
	basic *openapi3.Schema
	input *openapi3filter.RequestValidationInput
}

func (d *description) operation(method, path string) *operation {
	item := d.doc.Paths.Value(path)
	return &operation{
		route: routers.Route{Spec: d.doc, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method)},
		basic: d.doc.Components.Schemas["basic-error"].Value,
	}
}

var options = &openapi3filter.Options{
	IncludeResponseStatus:             true,
	RejectWhenRequestBodyNotSpecified: true,
	MultiError:                        true,
	SkipSettingDefaults:               true,
}

// checkRequest must come before checkResponse. Unlike the description alone it
// does not allow parameters and fields that are not described, since they
// would be mistakes.
func (o *operation) checkRequest(r *http.Request, params map[string]string, body []byte) error {
	seen := r.Clone(context.Background())
	seen.Body = io.NopCloser(bytes.NewReader(body))
	seen.ContentLength = int64(len(body))
	o.input = &openapi3filter.RequestValidationInput{
		Request: seen, PathParams: params, QueryParams: r.URL.Query(), Route: &o.route, Options: options,
	}
	errs := []error{openapi3filter.ValidateRequest(context.Background(), o.input)}
	for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) {
		if o.route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			errs = append(errs, fmt.Errorf("the parameter %q is not described", name))
		}
	}
	if described := o.route.Operation.RequestBody; described != nil {
		errs = append(errs, unknownFields(described.Value.Content.Get("application/json").Schema.Value, body))
	}
	return errors.Join(errs...)
}

func unknownFields(schema *openapi3.Schema, body []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return fmt.Errorf("the body is no object: %w", err)
	}
	known := schema.Properties
	for _, choice := range schema.OneOf {
		known = choice.Value.Properties
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if known[name] == nil {
			errs = append(errs, fmt.Errorf("the field %q is not described", name))
		}
	}
	return errors.Join(errs...)
}

// checkResponse checks the answer to the request that was checked last.
func (o *operation) checkResponse(status int, header http.Header, body []byte) error {
	general := status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound
	if general && o.route.Operation.Responses.Status(status) == nil {
		var value any
		if err := json.Unmarshal(body, &value); err != nil {
			return err
		}
		return o.basic.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse())
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: o.input, Status: status, Header: header, Options: options,
	}
	return openapi3filter.ValidateResponse(context.Background(), in.SetBodyBytes(body))
}
