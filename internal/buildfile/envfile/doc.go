// Package envfile reads files of NAME=value lines as compose reads .env, and replaces variables
// in texts by the rules of compose.
package envfile
