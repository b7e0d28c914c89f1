import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import type {ExecutionContext} from 'ava';
import {folderOf} from './runtime.ts';

/** The imports of hostile commands, each lowered as a core function of this name. */
const imports = `
	(import "wasi:io/poll@0.2.0" (instance $poll
		(export "pollable" (type $pollable (sub resource)))
		(export "[method]pollable.block" (func (param "self" (borrow $pollable))))
		(export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
	(alias export $poll "pollable" (type $pollable))
	(import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
	(alias export $error "error" (type $error))
	(import "wasi:io/streams@0.2.0" (instance $streams
		(export "input-stream" (type $input (sub resource)))
		(export "output-stream" (type $output (sub resource)))
		(alias outer 1 $error (type $outer))
		(export "error" (type $failed (eq $outer)))
		(type $failure (variant (case "last-operation-failed" (own $failed)) (case "closed")))
		(export "stream-error" (type $stream-error (eq $failure)))
		(export "[method]input-stream.blocking-read"
			(func (param "self" (borrow $input)) (param "len" u64) (result (result (list u8) (error $stream-error)))))
		(export "[method]output-stream.blocking-write-and-flush"
			(func (param "self" (borrow $output)) (param "contents" (list u8)) (result (result (error $stream-error)))))
		(export "[method]output-stream.blocking-write-zeroes-and-flush"
			(func (param "self" (borrow $output)) (param "len" u64) (result (result (error $stream-error)))))))
	(alias export $streams "input-stream" (type $input))
	(alias export $streams "output-stream" (type $output))
	(import "wasi:cli/stdin@0.2.0" (instance $stdin
		(alias outer 1 $input (type $outer))
		(export "input-stream" (type $input (eq $outer)))
		(export "get-stdin" (func (result (own $input))))))
	(import "wasi:cli/stdout@0.2.0" (instance $stdout
		(alias outer 1 $output (type $outer))
		(export "output-stream" (type $output (eq $outer)))
		(export "get-stdout" (func (result (own $output))))))
	(import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
		(alias outer 1 $pollable (type $outer))
		(export "pollable" (type $pollable (eq $outer)))
		(export "now" (func (result u64)))
		(export "resolution" (func (result u64)))
		(export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
	(import "wasi:random/random@0.2.0" (instance $random
		(export "get-random-bytes" (func (param "len" u64) (result (list u8))))))`;

const lowered = {
	block: ['$poll', '[method]pollable.block', '(param i32)'],
	poll: ['$poll', 'poll', '(param i32 i32 i32)'],
	read: ['$streams', '[method]input-stream.blocking-read', '(param i32 i64 i32)'],
	write: ['$streams', '[method]output-stream.blocking-write-and-flush', '(param i32 i32 i32 i32)'],
	zeroes: ['$streams', '[method]output-stream.blocking-write-zeroes-and-flush', '(param i32 i64 i32)'],
	stdin: ['$stdin', 'get-stdin', '(result i32)'],
	stdout: ['$stdout', 'get-stdout', '(result i32)'],
	now: ['$clock', 'now', '(result i64)'],
	resolution: ['$clock', 'resolution', '(result i64)'],
	timer: ['$clock', 'subscribe-duration', '(param i64) (result i32)'],
	random: ['$random', 'get-random-bytes', '(param i64 i32)'],
} as const;

const functions = Object.entries(lowered);

/**
 * A command whose body is WebAssembly text: `block`, `poll`, `read`, `write`, `zeroes`, `stdin`, `stdout`, `now`, `resolution`, `timer` and `random`
 * are what it may call, with two locals `$a` and `$b`; results in memory go to the address 16. It fails unless it returns before its end.
 */
export async function commandOf(t: ExecutionContext, body: string): Promise<string> {
	const lower = ([name, [instance, member]]: (typeof functions)[number]) =>
		`(core func $${name} (canon lower (func ${instance} "${member}") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))`;
	return fileOf(
		t,
		`(component ${imports}
			(core module $memory
				(memory (export "memory") 1)
				(global $free (mut i32) (i32.const 65536))
				(func (export "realloc") (param i32 i32 i32 i32) (result i32)
					(local $at i32)
					(local.set $at (global.get $free))
					(if (i32.eq (i32.const -1) (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get 3) (i32.const 16))))) (then unreachable))
					(global.set $free (i32.shl (memory.size) (i32.const 16)))
					(local.get $at)))
			(core instance $memory (instantiate $memory))
			${functions.map(lower).join('\n')}
			(core module $guest
				(import "host" "memory" (memory 1))
				${functions.map(([name, [, , type]]) => `(import "host" "${name}" (func $${name} ${type}))`).join('\n')}
				(func (export "run") (result i32) (local $a i32) (local $b i64)
					${body}
					(i32.const 1)))
			(core instance $guest (instantiate $guest (with "host" (instance
				(export "memory" (memory $memory "memory"))
				${functions.map(([name]) => `(export "${name}" (func $${name}))`).join('\n')}))))
			(func $run (result (result)) (canon lift (core func $guest "run")))
			(instance $exports (export "run" (func $run)))
			(export "wasi:cli/run@0.2.0" (instance $exports)))`,
	);
}

/** A command made of one core module, whose fields are given and which imports nothing. */
export function bareOf(t: ExecutionContext, fields: string): Promise<string> {
	return fileOf(
		t,
		`(component
			(core module $guest ${fields} (func (export "run") (result i32) (i32.const 0)))
			(core instance $guest (instantiate $guest))
			(func $run (result (result)) (canon lift (core func $guest "run")))
			(instance $exports (export "run" (func $run)))
			(export "wasi:cli/run@0.2.0" (instance $exports)))`,
	);
}

/** The file of a component, or a core module, that is given as text. */
export async function fileOf(t: ExecutionContext, text: string): Promise<string> {
	const file = join(await folderOf(t), 'guest.wasm');
	await writeFile(file, await parse(text));
	return file;
}
