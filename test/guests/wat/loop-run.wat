;; Never returns from run.
(component
	(core module $guest
		(func $spin (export "run") (result i32)
			(loop $again (br $again))
			unreachable)
	)
	(core instance $guest (instantiate $guest))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
