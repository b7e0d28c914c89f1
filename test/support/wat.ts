import {readFileSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {componentEmbed, componentNew, parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import type {ExecutionContext} from 'ava';
import {folderOf} from './runtime.ts';

const builtin = join(import.meta.dirname, '../../node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12');

/** A package of WASI as text that others can stand beside. */
function packageOf(name: string): string {
	const [, id, text] = /^package ([^;]+);(.*)$/s.exec(readFileSync(join(builtin, `wasi-${name}/package.wit`), 'utf8')) ?? [];
	return `package ${id} {${text}}`;
}

/** What commands may call, of the packages that are no part of WASI itself. */
const proposals = `
package wasi:keyvalue@0.2.0-draft2 {
	interface store {
		variant error { no-such-store, access-denied, other(string) }
		record key-response { keys: list<string>, cursor: option<string> }
		open: func(identifier: string) -> result<bucket, error>;
		resource bucket {
			get: func(key: string) -> result<option<list<u8>>, error>;
			set: func(key: string, value: list<u8>) -> result<_, error>;
			list-keys: func(cursor: option<string>) -> result<key-response, error>;
		}
	}
	interface batch {
		use store.{bucket, error};
		get-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<list<option<tuple<string, list<u8>>>>, error>;
		set-many: func(bucket: borrow<bucket>, key-values: list<tuple<string, list<u8>>>) -> result<_, error>;
	}
}
package wasi:blobstore@0.2.0-draft {
	interface types {
		resource outgoing-value { new-outgoing-value: static func() -> outgoing-value; }
	}
	interface blobstore {
		container-exists: func(name: string) -> result<bool, string>;
	}
}
package wasi:config@0.2.0-rc.1 {
	interface store {
		variant error { upstream(string), io(string) }
		get: func(key: string) -> result<option<string>, error>;
	}
}
package wasi:logging {
	interface logging {
		enum level { trace, debug, info, warn, error, critical }
		log: func(level: level, context: string, message: string);
	}
}`;

const wasi = [...['io', 'clocks', 'random', 'cli', 'filesystem', 'sockets', 'http'].map(packageOf), proposals].join('\n');

const versions: Readonly<Record<string, string>> = {
	keyvalue: '@0.2.0-draft2',
	blobstore: '@0.2.0-draft',
	config: '@0.2.0-rc.1',
	logging: '',
};

/** An interface with its version. */
const whole = (name: string): string => `wasi:${name}${versions[name.replace(/\/.*/, '')] ?? '@0.2.12'}`;

/** What commands may call: the interface, its member, and the type of the core function. */
const functions = {
	block: ['io/poll', '[method]pollable.block', '(param i32)'],
	poll: ['io/poll', 'poll', '(param i32 i32 i32)'],
	read: ['io/streams', '[method]input-stream.blocking-read', '(param i32 i64 i32)'],
	skip: ['io/streams', '[method]input-stream.blocking-skip', '(param i32 i64 i32)'],
	write: ['io/streams', '[method]output-stream.blocking-write-and-flush', '(param i32 i32 i32 i32)'],
	room: ['io/streams', '[method]output-stream.check-write', '(param i32 i32)'],
	put: ['io/streams', '[method]output-stream.write', '(param i32 i32 i32 i32)'],
	zeroes: ['io/streams', '[method]output-stream.blocking-write-zeroes-and-flush', '(param i32 i64 i32)'],
	splice: ['io/streams', '[method]output-stream.blocking-splice', '(param i32 i32 i64 i32)'],
	stdin: ['cli/stdin', 'get-stdin', '(result i32)'],
	stdout: ['cli/stdout', 'get-stdout', '(result i32)'],
	now: ['clocks/monotonic-clock', 'now', '(result i64)'],
	resolution: ['clocks/monotonic-clock', 'resolution', '(result i64)'],
	subscribe: ['io/streams', '[method]output-stream.subscribe', '(param i32) (result i32)'],
	timer: ['clocks/monotonic-clock', 'subscribe-duration', '(param i64) (result i32)'],
	random: ['random/random', 'get-random-bytes', '(param i64 i32)'],
	insecure: ['random/insecure', 'get-insecure-random-bytes', '(param i64 i32)'],
	folders: ['filesystem/preopens', 'get-directories', '(param i32)'],
	openAt: ['filesystem/types', '[method]descriptor.open-at', '(param i32 i32 i32 i32 i32 i32 i32)'],
	symlink: ['filesystem/types', '[method]descriptor.symlink-at', '(param i32 i32 i32 i32 i32 i32)'],
	list: ['filesystem/types', '[method]descriptor.read-directory', '(param i32 i32)'],
	readVia: ['filesystem/types', '[method]descriptor.read-via-stream', '(param i32 i64 i32)'],
	stat: ['filesystem/types', '[method]descriptor.stat-at', '(param i32 i32 i32 i32 i32)'],
	readFile: ['filesystem/types', '[method]descriptor.read', '(param i32 i64 i64 i32)'],
	writeFile: ['filesystem/types', '[method]descriptor.write', '(param i32 i32 i32 i64 i32)'],
	sync: ['filesystem/types', '[method]descriptor.sync', '(param i32 i32)'],
	network: ['sockets/instance-network', 'instance-network', '(result i32)'],
	resolve: ['sockets/ip-name-lookup', 'resolve-addresses', '(param i32 i32 i32 i32)'],
	socket: ['sockets/tcp-create-socket', 'create-tcp-socket', '(param i32 i32)'],
	dropLookup: ['sockets/ip-name-lookup', '[resource-drop]resolve-address-stream', '(param i32)'],
	fields: ['http/types', '[constructor]fields', '(result i32)'],
	fromList: ['http/types', '[static]fields.from-list', '(param i32 i32 i32)'],
	append: ['http/types', '[method]fields.append', '(param i32 i32 i32 i32 i32 i32)'],
	set: ['http/types', '[method]fields.set', '(param i32 i32 i32 i32 i32 i32)'],
	response: ['http/types', '[constructor]outgoing-response', '(param i32) (result i32)'],
	responseHeaders: ['http/types', '[method]outgoing-response.headers', '(param i32) (result i32)'],
	request: ['http/types', '[constructor]outgoing-request', '(param i32) (result i32)'],
	handle: ['http/outgoing-handler', 'handle', '(param i32 i32 i32 i32)'],
	dropAnswer: ['http/types', '[resource-drop]future-incoming-response', '(param i32)'],
	requestBody: ['http/types', '[method]outgoing-request.body', '(param i32 i32)'],
	bodyStream: ['http/types', '[method]outgoing-body.write', '(param i32 i32)'],
	setPath: ['http/types', '[method]outgoing-request.set-path-with-query', '(param i32 i32 i32 i32) (result i32)'],
	setAuthority: ['http/types', '[method]outgoing-request.set-authority', '(param i32 i32 i32 i32) (result i32)'],
	setScheme: ['http/types', '[method]outgoing-request.set-scheme', '(param i32 i32 i32 i32 i32) (result i32)'],
	setMethod: ['http/types', '[method]outgoing-request.set-method', '(param i32 i32 i32 i32) (result i32)'],
	bucket: ['keyvalue/store', 'open', '(param i32 i32 i32)'],
	getKey: ['keyvalue/store', '[method]bucket.get', '(param i32 i32 i32 i32)'],
	setKey: ['keyvalue/store', '[method]bucket.set', '(param i32 i32 i32 i32 i32 i32)'],
	keys: ['keyvalue/store', '[method]bucket.list-keys', '(param i32 i32 i32 i32 i32)'],
	getMany: ['keyvalue/batch', 'get-many', '(param i32 i32 i32 i32)'],
	setMany: ['keyvalue/batch', 'set-many', '(param i32 i32 i32 i32)'],
	blobs: ['blobstore/blobstore', 'container-exists', '(param i32 i32 i32)'],
	value: ['blobstore/types', '[static]outgoing-value.new-outgoing-value', '(result i32)'],
	setting: ['config/store', 'get', '(param i32 i32 i32)'],
	log: ['logging/logging', 'log', '(param i32 i32 i32 i32 i32)'],
} as const;

const world = `package test:commands;
world command {
	${[...new Set(Object.values(functions).map(([name]) => name))].map(name => `import ${whole(name)};`).join('\n\t')}
	export wasi:cli/run@0.2.12;
}`;

/**
 * A command whose body is WebAssembly text: it may call what is above, and has two locals `$a` and `$b`; results in memory go to the address 16.
 * It fails unless it returns before its end. Once its memory is full, what it is given comes to the address 65536.
 */
export async function commandOf(t: ExecutionContext, body: string): Promise<string> {
	const called = new Set(Array.from(body.matchAll(/\$(\w+)/g), ([, name]) => name));
	const imports = Object.entries(functions).flatMap(([name, [from, member, type]]) =>
		called.has(name) ? [`(import "${whole(from)}" "${member}" (func $${name} ${type}))`] : [],
	);
	const module = `(module
		${imports.join('\n')}
		(memory (export "memory") 1)
		(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
			(local $before i32)
			(local.set $before (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get 3) (i32.const 16)))))
			(if (i32.eq (i32.const -1) (local.get $before)) (then (return (i32.const 65536))))
			(i32.shl (local.get $before) (i32.const 16)))
		(func (export "wasi:cli/run@0.2.12#run") (result i32) (local $a i32) (local $b i64)
			${body}
			(i32.const 1)))`;
	const core = await componentEmbed({binary: await parse(module), witSource: world + wasi});
	return stored(t, await componentNew(core, []));
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

/** A plugin that provides `test:demo/reader`: it reads its setting "greeting" for whoever asks. */
export const reading = `(component
	(import "wasi:config/store@0.2.0-rc.1" (instance $config
		(type $error' (variant (case "upstream" string) (case "io" string)))
		(export "error" (type $error (eq $error')))
		(export "get" (func (param "key" string) (result (result (option string) (error $error)))))))
	(core module $memory
		(memory (export "memory") 1)
		(global $next (mut i32) (i32.const 1024))
		(func (export "realloc") (param i32 i32 i32 i32) (result i32)
			(global.get $next)
			(global.set $next (i32.add (global.get $next) (local.get 3))))
		(data (i32.const 64) "greeting"))
	(core instance $memory (instantiate $memory))
	(core func $get (canon lower (func $config "get")
		(memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
	(core module $guest
		(import "host" "get" (func $get (param i32 i32 i32)))
		;; The option of the result begins at 4.
		(func (export "read") (result i32) (call $get (i32.const 64) (i32.const 8) (i32.const 0)) (i32.const 4)))
	(core instance $guest (instantiate $guest (with "host" (instance (export "get" (func $get))))))
	(func $read (result (option string)) (canon lift (core func $guest "read") (memory (core memory $memory "memory"))))
	(instance $out (export "read" (func $read)))
	(export "test:demo/reader@0.1.0" (instance $out)))`;

/** The file of a component, or a core module, that is given as text. */
export async function fileOf(t: ExecutionContext, text: string): Promise<string> {
	return stored(t, await parse(text));
}

async function stored(t: ExecutionContext, bytes: Uint8Array): Promise<string> {
	const file = join(await folderOf(t), 'guest.wasm');
	await writeFile(file, bytes);
	return file;
}
