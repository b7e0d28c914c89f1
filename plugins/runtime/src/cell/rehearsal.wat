;; Asks for its arguments, environment, and the time, and writes to its output: most of what commands begin with.
(component
	(import "wasi:io/error@0.2.0" (instance $error
		(export "error" (type (sub resource)))))
	(alias export $error "error" (type $error))
	(import "wasi:io/streams@0.2.0" (instance $streams
		(export "output-stream" (type $output-stream (sub resource)))
		(alias outer 1 $error (type $outer))
		(export "error" (type $error (eq $outer)))
		(type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
		(export "stream-error" (type $stream-error (eq $failure)))
		(export "[method]output-stream.blocking-write-and-flush"
			(func (param "self" (borrow $output-stream)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
	(alias export $streams "output-stream" (type $output-stream))
	(import "wasi:cli/stdout@0.2.0" (instance $stdout
		(alias outer 1 $output-stream (type $outer))
		(export "output-stream" (type $output-stream (eq $outer)))
		(export "get-stdout" (func (result (own $output-stream))))))
	(import "wasi:cli/environment@0.2.0" (instance $environment
		(export "get-environment" (func (result (list (tuple string string)))))
		(export "get-arguments" (func (result (list string))))))
	(import "wasi:clocks/wall-clock@0.2.0" (instance $clock
		(type $time (record (field "seconds" u64) (field "nanoseconds" u32)))
		(export "datetime" (type $datetime (eq $time)))
		(export "now" (func (result $datetime)))))
	(core module $memory
		(memory (export "memory") 1)
		(global $free (mut i32) (i32.const 1024))
		(func (export "realloc") (param i32 i32 i32 i32) (result i32)
			(global.get $free)
			(global.set $free (i32.add (global.get $free) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))))
	(core instance $memory (instantiate $memory))
	(alias core export $memory "memory" (core memory $bytes))
	(alias core export $memory "realloc" (core func $realloc))
	(core func $write
		(canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $bytes)))
	(core func $drop (canon resource.drop $output-stream))
	(core func $get-stdout (canon lower (func $stdout "get-stdout")))
	(core func $get-environment
		(canon lower (func $environment "get-environment") (memory $bytes) (realloc $realloc)))
	(core func $get-arguments
		(canon lower (func $environment "get-arguments") (memory $bytes) (realloc $realloc)))
	(core func $now (canon lower (func $clock "now") (memory $bytes)))
	(core module $guest
		(import "memory" "memory" (memory 1))
		(import "host" "write" (func $write (param i32 i32 i32 i32)))
		(import "host" "drop" (func $drop (param i32)))
		(import "host" "get-stdout" (func $get-stdout (result i32)))
		(import "host" "get-environment" (func $get-environment (param i32)))
		(import "host" "get-arguments" (func $get-arguments (param i32)))
		(import "host" "now" (func $now (param i32)))
		(func (export "run") (result i32)
			(local $stdout i32)
			(call $get-environment (i32.const 0))
			(call $get-arguments (i32.const 8))
			(call $now (i32.const 16))
			(local.set $stdout (call $get-stdout))
			(call $write (local.get $stdout) (i32.const 0) (i32.const 32) (i32.const 32))
			(call $drop (local.get $stdout))
			(i32.load8_u (i32.const 32))))
	(core instance $guest (instantiate $guest
		(with "memory" (instance $memory))
		(with "host" (instance
			(export "write" (func $write))
			(export "drop" (func $drop))
			(export "get-stdout" (func $get-stdout))
			(export "get-environment" (func $get-environment))
			(export "get-arguments" (func $get-arguments))
			(export "now" (func $now))))))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
