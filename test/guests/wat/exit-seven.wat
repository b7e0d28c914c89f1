;; Ends in the middle of run with exit code 7.
(component
	(import "wasi:cli/exit@0.2.0" (instance $exit
		(export "exit-with-code" (func (param "status-code" u8)))))
	(core func $exit (canon lower (func $exit "exit-with-code")))
	(core module $guest
		(import "host" "exit" (func $exit (param i32)))
		(func (export "run") (result i32)
			(call $exit (i32.const 7))
			unreachable))
	(core instance $guest (instantiate $guest (with "host" (instance (export "exit" (func $exit))))))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
