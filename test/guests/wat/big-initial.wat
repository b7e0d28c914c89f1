;; Wants 4 GiB of memory before it starts.
(component
	(core module $guest
		(memory (export "memory") 65536)
		(func (export "run") (result i32) (i32.const 0))
	)
	(core instance $guest (instantiate $guest))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
