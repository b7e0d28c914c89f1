;; Writes one line to standard output.
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
	(core module $memory
		(memory (export "memory") 1)
		(data (i32.const 64) "hello\n"))
	(core instance $memory (instantiate $memory))
	(core func $write
		(canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory (core memory $memory "memory"))))
	(core func $get-stdout (canon lower (func $stdout "get-stdout")))
	(core module $guest
		(import "host" "write" (func $write (param i32 i32 i32 i32)))
		(import "host" "get-stdout" (func $get_stdout (result i32)))
		(func (export "run") (result i32)
			(call $write (call $get_stdout) (i32.const 64) (i32.const 6) (i32.const 0))
			i32.const 0))
	(core instance $guest (instantiate $guest
		(with "host" (instance
			(export "write" (func $write))
			(export "get-stdout" (func $get-stdout))))))
	(func $run (result (result)) (canon lift (core func $guest "run")))
	(instance $exports (export "run" (func $run)))
	(export "wasi:cli/run@0.2.0" (instance $exports))
)
