;; Ends with an error: exit code 1.
(component
	(core module $guest
		(func (export "run") (result i32) (i32.const 1))
	)
	(core instance $guest (instantiate $guest))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
