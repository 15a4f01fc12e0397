package forgetest

import (
	"net/http"
	"strconv"
)

// An object is a JSON object.
type object map[string]any

const docs = "https://docs.github.com/rest"

// failure is GitHub's body for an error without details.
func failure(status int, message, anchor string) answer {
	return answer{status: status, body: object{
		"message": message, "documentation_url": docs + anchor, "status": strconv.Itoa(status),
	}}
}

func notFound() answer { return failure(http.StatusNotFound, "Not Found", "") }

// invalid is GitHub's body for a request that was understood and refused.
func invalid(reasons ...object) answer {
	a := failure(http.StatusUnprocessableEntity, "Validation Failed", "")
	a.body.(object)["errors"] = reasons
	return a
}

// custom is a reason in words, invalidField one about a field.
func custom(resource, message string) object {
	return object{"resource": resource, "code": "custom", "message": message}
}

func invalidField(resource, field, code string) object {
	return object{"resource": resource, "field": field, "code": code}
}

// tooLong is the reason for a text over GitHub's limit, in characters.
func tooLong(resource, field string, limit int) object {
	return object{
		"resource": resource, "field": field, "code": "custom",
		"message": field + " is too long (maximum is " + strconv.Itoa(limit) + " characters)",
	}
}
