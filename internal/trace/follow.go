package trace

// An Encoder turns texts into what a program is given of them.
type Encoder struct {
	marks  *Marks // nil for the texts as they are
	marked func(byte) bool
}

// Text returns what the program is given for t.
func (e Encoder) Text(t Text) string {
	if e.marks == nil {
		return t.S
	}
	return e.marks.Encode(t, e.marked)
}

// Variables is Text for a text whose variables the program replaces, see
// [Marks.EncodeVariables].
func (e Encoder) Variables(t Text, escape byte) string {
	if e.marks == nil {
		return t.S
	}
	return e.marks.EncodeVariables(t, e.marked, escape)
}

// Follow runs a program that makes one string of texts: run hands them to it
// through the encoder, the same texts each time. The result is what the program
// makes of the texts as they are, with the places that were found by running it
// again on marked ones, first with all characters of versions marked and, where
// that disturbs it, with digits alone. What does not read the same as the plain
// result is not used.
//
// The error is that of run on the plain texts.
func Follow(run func(Encoder) (string, error)) (Text, error) {
	plain, err := run(Encoder{})
	if err != nil {
		return Text{}, err
	}
	for _, marked := range []func(byte) bool{IsVersionByte, IsDigit} {
		marks := &Marks{}
		result, err := run(Encoder{marks, marked})
		if err != nil {
			continue
		}
		if t := marks.Decode(result); t.S == plain {
			return t, nil
		}
	}
	return Plain(plain), nil
}
