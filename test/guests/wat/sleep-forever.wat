;; Waits on a timer that fires in 584 years.
(component
	(import "wasi:io/poll@0.2.0" (instance $poll
		(export "pollable" (type $pollable (sub resource)))
		(export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
	(alias export $poll "pollable" (type $pollable))
	(import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
		(alias outer 1 $pollable (type $outer))
		(export "pollable" (type $pollable (eq $outer)))
		(export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
	(core func $block (canon lower (func $poll "[method]pollable.block")))
	(core func $subscribe (canon lower (func $clock "subscribe-duration")))
	(core module $guest
		(import "host" "block" (func $block (param i32)))
		(import "host" "subscribe" (func $subscribe (param i64) (result i32)))
		(func (export "run") (result i32)
			(call $block (call $subscribe (i64.const -1)))
			(i32.const 0)))
	(core instance $guest (instantiate $guest
		(with "host" (instance
			(export "block" (func $block))
			(export "subscribe" (func $subscribe))))))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
