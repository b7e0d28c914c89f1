;; Takes memory a page at a time and touches each; traps once grow answers -1.
(component
	(core module $guest
		(memory (export "memory") 1)
		(func $out_of_memory unreachable)
		(func (export "run") (result i32)
			(local $page i32)
			(loop $more
				(local.set $page (memory.grow (i32.const 1)))
				(if (i32.eq (local.get $page) (i32.const -1)) (then (call $out_of_memory)))
				(i32.store (i32.shl (local.get $page) (i32.const 16)) (i32.const 1))
				(br $more))
			unreachable)
	)
	(core instance $guest (instantiate $guest))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
