// Package reading has what the readers of build files share: the repository as they see it
// ([Tree]), what they return ([Build], [Problem]), the directories that commands run in
// ([Workplace]), and the bounds of what is done for one file ([Fuel]).
//
// A reader turns a file into builds whose values are [trace.Text], so that each byte of a version
// knows where it is written. What is not known of a value is [Unknown] in it.
package reading
