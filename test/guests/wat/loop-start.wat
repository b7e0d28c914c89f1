;; Never finishes its start section, so that it cannot even be instantiated.
(component
	(core module $guest
		(func $spin (loop $again (br $again)))
		(start $spin)
		(func (export "run") (result i32) (i32.const 0))
	)
	(core instance $guest (instantiate $guest))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
