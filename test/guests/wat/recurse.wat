;; Calls itself until the stack ends.
(component
	(core module $guest
		(func $deeper (param i64) (result i64)
			(i64.add (call $deeper (i64.add (local.get 0) (i64.const 1))) (i64.const 1)))
		(func (export "run") (result i32)
			(i32.wrap_i64 (call $deeper (i64.const 0))))
	)
	(core instance $guest (instantiate $guest))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
