package github

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"time"
)

// An App is a GitHub App. It shows who it is with a token that it signs itself, and gets
// one that opens a single repository for an hour.
type App struct {
	ID           string          // its number, or its client id
	Key          *rsa.PrivateKey // one of those that its settings page lists
	Installation int64           // 0 is the one on the repository
	Workflows    bool            // its token is to edit workflows, if it may
}

// ParseKey reads the private key of an App, in the form of the file that GitHub makes of it.
// A line end may be written as \n, as it has to be where a variable takes one line only.
// No error shows any of it.
func ParseKey(text string) (*rsa.PrivateKey, error) {
	const whole = "give the whole file that GitHub made, from -----BEGIN to -----END, with its line ends or \\n in place of each of them"
	text = strings.TrimSpace(strings.ReplaceAll(text, `\n`, "\n"))
	block, _ := pem.Decode([]byte(text))
	switch {
	case block == nil && strings.Contains(text, "-----BEGIN"):
		return nil, &apiError{text: "it begins like a private key, and is not a whole one", hint: whole}
	case block == nil:
		return nil, &apiError{text: "it is no private key in PEM form", hint: whole}
	case strings.Contains(block.Type, "PUBLIC") || strings.Contains(block.Type, "CERTIFICATE"):
		return nil, &apiError{text: "it is a public key or a certificate, and no private key", hint: whole}
	case strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "":
		return nil, &apiError{text: "the private key is encrypted", hint: "give the key as GitHub made it, without a passphrase"}
	}
	key, err := parseDER(block.Bytes)
	if err != nil {
		return nil, &apiError{text: err.Error(), hint: whole}
	}
	if _, err := (App{Key: key}).sign(time.Unix(0, 0)); err != nil { // it is too short, for example
		return nil, &apiError{text: "the private key signs nothing: " + err.Error(), hint: "make a new key on the settings page of the App"}
	}
	return key, nil
}

// parseDER reads what stands in the PEM form.
func parseDER(der []byte) (*rsa.PrivateKey, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the private key is damaged")
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("it is a private key of another kind than RSA, which GitHub Apps do not have")
	}
	return key, nil
}

// How long a signed token lasts, of the ten minutes that GitHub allows, and how far it is
// dated back, for a clock that is ahead (GitHub docs, "Generating a JSON Web Token").
const (
	signedFor  = 9 * time.Minute
	signedBack = time.Minute
)

// sign returns the token by which the App shows at that time who it is: a JSON Web Token.
func (a App) sign(now time.Time) (string, error) {
	claims, err := json.Marshal(struct {
		Issued  int64  `json:"iat"`
		Expires int64  `json:"exp"`
		Issuer  string `json:"iss"`
	}{now.Add(-signedBack).Unix(), now.Add(signedFor).Unix(), a.ID})
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.Key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
