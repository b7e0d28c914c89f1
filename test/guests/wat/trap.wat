;; Traps in a function that has a name.
(component
	(core module $guest
		(func $deep_inside unreachable)
		(func $outer (call $deep_inside))
		(func (export "run") (result i32)
			(call $outer)
			(i32.const 0))
	)
	(core instance $guest (instantiate $guest))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
