from	registry.example/team/base:1.0.0	as	x
