import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {GuestExit, type Limits, type LoadOptions, load} from '@forgeone/wasm';
import test from 'ava';

class OutputStream {
	readonly written: string[] = [];
	checkWrite = (): bigint => 65_536n;
	write(bytes: Uint8Array): void {
		this.written.push(Buffer.from(bytes).toString());
	}
	blockingFlush(): void {}
	blockingWriteAndFlush(bytes: Uint8Array): void {
		this.write(bytes);
	}
}

type Host = Record<string, Record<string, unknown>>;

/** A host for what the adapter imports: what the guest does not use is there and fails. */
function host(imports: readonly {readonly name: string; readonly functions?: readonly string[]}[], given: Host): Host {
	const made: Host = {};
	for (const {name, functions = []} of imports) {
		const base = name.replace(/@.*/, '');
		const own: Record<string, unknown> = {...given[base]};
		for (const path of functions) {
			const [first = '', method] = path.split('.');
			const absent = (): never => {
				throw new Error(`${base} ${path} is not there`);
			};
			if (method === undefined) own[first] ??= absent;
			else {
				own[first] ??= class {};
				(own[first] as {prototype: Record<string, unknown>}).prototype[method] ??= absent;
			}
		}
		made[base] = own;
	}
	return made;
}

const command = (body: string): string => `(module
	(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
	(memory (export "memory") 1)
	(data (i32.const 0) "\\08\\00\\00\\00\\05\\00\\00\\00hello")
	(func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))) ${body}))`;

async function run(text: string, options: LoadOptions = {}, limits: Limits = {}): Promise<{output: string; run: () => unknown}> {
	const loaded = await load(await parse(text), options);
	const stdout = new OutputStream();
	const exitWithCode = (code: number): never => {
		throw new GuestExit(code);
	};
	const given: Host = {
		'wasi:io/streams': {OutputStream, InputStream: class {}},
		'wasi:cli/stdin': {getStdin: () => ({})},
		'wasi:cli/stdout': {getStdout: () => stdout},
		'wasi:cli/stderr': {getStderr: () => stdout},
		'wasi:cli/exit': {exitWithCode},
		'wasi:cli/terminal-stdout': {getTerminalStdout: () => undefined},
		'wasi:filesystem/preopens': {getDirectories: () => []},
	};
	const instance = await loaded.instantiate(host(loaded.imports, given), limits);
	const start = instance.interface('wasi:cli/run@0.2.0')?.run;
	return {
		get output() {
			return stdout.written.join('');
		},
		run: () => start?.(),
	};
}

test('a preview1 command runs as the component that it is wrapped in', async t => {
	const guest = await run(command(''));
	t.is(guest.run(), undefined);
	t.is(guest.output, 'hello');
});

test('its exit is the exit of the guest', async t => {
	const guest = await run(command('(call $exit (i32.const 42))'));
	const exit = t.throws<GuestExit>(() => guest.run(), {instanceOf: GuestExit});
	t.is(exit?.code, 42);
	t.is(guest.output, 'hello');
});

test('a module that is no command is refused by what it lacks', async t => {
	const none = parse('(module (memory (export "memory") 1))');
	await t.throwsAsync(load(await none), {code: 'FORGE_PREVIEW1_EXPORT', message: /"_start" as a function/});
	const start = parse('(module (func (export "_start")))');
	await t.throwsAsync(load(await start), {code: 'FORGE_PREVIEW1_EXPORT', message: /"memory" as a memory/});
});

test('a module that imports anything but preview1 does not link', async t => {
	await t.throwsAsync(run('(module (import "env" "f" (func)) (memory (export "memory") 1) (func (export "_start")))'), {
		code: 'FORGE_COMPONENT_LINK',
	});
});

const page = 65_536;

/** A command that checks what it sees of its memory: one page, then `most`, all of which it overwrites before it writes again. */
const alone = (most: number, declared: string): string => `(module
	(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
	(memory (export "memory") 1 ${declared})
	(global $unused i32 (i32.const 5))
	(func $is (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
	(func $hello
		(i64.store (i32.const 0) (i64.const 0x0000000500000008))
		(i64.store (i32.const 8) (i64.const 0x6f6c6c6568))
		(call $is (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)) (i32.const 0)))
	(func (export "_start")
		(call $is (memory.size) (i32.const 1))
		(call $hello)
		(call $is (memory.size) (i32.const 1))
		(call $is (memory.grow (i32.const ${most})) (i32.const -1))
		(call $is (memory.grow (i32.const -1)) (i32.const -1))
		(call $is (memory.grow (i32.const ${most - 1})) (i32.const 1))
		(call $is (memory.grow (i32.const 0)) (i32.const ${most}))
		(call $is (memory.grow (i32.const 1)) (i32.const -1))
		(call $is (memory.size) (i32.const ${most}))
		(memory.fill (i32.const 0) (i32.const 255) (i32.mul (memory.size) (i32.const ${page})))
		(call $hello)))`;

test('a command may fill all of the memory that it sees, as far as it may grow, and the adapter works on beside it', async t => {
	for (const metered of [false, true]) {
		const limited = await run(alone(4, ''), {metered}, {memoryBytes: 6 * page, ...(metered ? {fuel: 1_000_000} : {})});
		limited.run();
		t.is(limited.output, 'hellohello');
		const declared = await run(alone(3, '3'), {metered}, {memoryBytes: 16 * page});
		declared.run();
		t.is(declared.output, 'hellohello');
	}
});

test('a command with a table and no globals of its own sees its memory alone too', async t => {
	const guest = await run(
		`(module (memory (export "memory") 1) (table 1 funcref) (elem (i32.const 0) $start) (data (i32.const 0) "x")
			(func $start (export "_start") (if (i32.ne (memory.size) (i32.const 1)) (then unreachable))))`,
	);
	t.notThrows(guest.run);
});

test('nothing at all can be read from or written to a descriptor that is none', async t => {
	for (const [name, more] of [
		['fd_read', ''],
		['fd_write', ''],
		['fd_pread', '(i64.const 0)'],
		['fd_pwrite', '(i64.const 0)'],
	] as const) {
		const guest = await run(`(module
			(import "wasi_snapshot_preview1" "${name}" (func $call (param i32 i32 i32 ${more && 'i64'} i32) (result i32)))
			(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
			(memory (export "memory") 1)
			(func (export "_start") (call $exit (call $call (i32.const -31337) (i32.const 0) (i32.const 0) ${more} (i32.const 32)))))`);
		t.is(t.throws<GuestExit>(() => guest.run(), {instanceOf: GuestExit})?.code, 8, name);
	}
});
