// Package difftest holds the scanner against BuildKit's own compiler.
//
// [Judge] compiles a Dockerfile with dockerfile2llb, with the target, the arguments, the
// named contexts and the platforms of a build, and a resolver that only writes down what
// it is asked for: the images of the target, the images of all stages, and which stages
// the target needs. [Compare] says where the scanner's
// answer differs. It is a module of its own, so that the compiler's dependencies do
// not reach the product.
package difftest
