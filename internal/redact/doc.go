// Package redact masks secrets in text that came from outside: what a server
// answered, what the git program printed, what an HTTP library says of a request.
//
// [New] makes a [Redactor] for the secrets of a run, [Redactor.Text] masks them in
// a text and [Redactor.Error] in an error, [URL] shows a URL without its credentials.
//
// A secret is found in every form that a server may echo: plain, percent-encoded, with
// the escapes of JSON and of HTML, in hexadecimal digits, in base64 (alone, or as
// a part of anything, such as any-user:secret), and broken by line ends anywhere.
// What is a credential by its place, the user information of a URL and the value of
// an Authorization header, is masked whatever it is and however short.
//
// # Limitations
//
// A secret of fewer than [MinLength] characters is masked in such places only:
// in free text it would be found where it is none. Names and documents must not go
// through a Redactor at all, since a directory may be called as a token is.
package redact
