;; Logs what the setting "greeting" is, and fails where there is none.
(component
	(import "wasi:config/store@0.2.0-rc.1" (instance $config
		(type $error' (variant (case "upstream" string) (case "io" string)))
		(export "error" (type $error (eq $error')))
		(export "get" (func (param "key" string) (result (result (option string) (error $error)))))))
	(import "wasi:logging/logging" (instance $logging
		(type $level' (enum "trace" "debug" "info" "warn" "error" "critical"))
		(export "level" (type $level (eq $level')))
		(export "log" (func (param "level" $level) (param "context" string) (param "message" string)))))
	(core module $memory
		(memory (export "memory") 1)
		(global $next (mut i32) (i32.const 1024))
		(func (export "realloc") (param i32 i32 i32 i32) (result i32)
			(global.get $next)
			(global.set $next (i32.add (global.get $next) (local.get 3))))
		(data (i32.const 64) "greetingguest"))
	(core instance $memory (instantiate $memory))
	(core func $get (canon lower (func $config "get")
		(memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
	(core func $log (canon lower (func $logging "log") (memory (core memory $memory "memory"))))
	(core module $guest
		(import "host" "memory" (memory 1))
		(import "host" "get" (func $get (param i32 i32 i32)))
		(import "host" "log" (func $log (param i32 i32 i32 i32 i32)))
		(func (export "run") (result i32)
			;; result: 0 ok at 0, then option: 0 none or 1 some at 4, then the string at 8.
			(call $get (i32.const 64) (i32.const 8) (i32.const 0))
			(if (i32.or (i32.load8_u (i32.const 0)) (i32.eqz (i32.load8_u (i32.const 4)))) (then (return (i32.const 1))))
			(call $log (i32.const 3) (i32.const 72) (i32.const 5) (i32.load (i32.const 8)) (i32.load (i32.const 12)))
			i32.const 0))
	(core instance $guest (instantiate $guest
		(with "host" (instance
			(export "memory" (memory $memory "memory"))
			(export "get" (func $get))
			(export "log" (func $log))))))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
