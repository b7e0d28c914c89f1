import {randomFillSync} from 'node:crypto';
import type {Log} from '@forgeone/core';
import {type Extern, unversioned} from '@forgeone/wasm';
import {always, InputStream, IoError, OutputStream, Pollable} from '../cell/index.ts';

/** The functions and classes of interfaces, by their names. */
type Interfaces = Readonly<Record<string, object>>;

/** The most random bytes that one call gives, what a stream takes at a time, and the longest line: what is longer becomes two. */
const RANDOM = 65_536;
const ROOM = 65_536;
const LINE = 8_192;

/**
 * What a component calls costs it no fuel. This throws where, without a pause, it has kept the program from all else for so many milliseconds; it is to
 * be called by whatever the component calls.
 */
function patience(milliseconds: number): () => void {
	let began: number | undefined;
	const over = () => {
		began = undefined;
	};
	return () => {
		const now = performance.now();
		if (began === undefined) queueMicrotask(over);
		began ??= now;
		if (now - began <= milliseconds) return;
		// It traps, and the next one may begin at once.
		over();
		throw new Error(`it has run for more than ${milliseconds} ms`);
	};
}

/** Gives what is written on as lines. */
function lines(say: (line: string) => void): (bytes: Uint8Array) => void {
	const decoder = new TextDecoder();
	let rest = '';
	return bytes => {
		const parts = (rest + decoder.decode(bytes, {stream: true})).split('\n');
		rest = parts.pop() ?? '';
		for (; rest.length >= LINE; rest = rest.slice(LINE)) parts.push(rest.slice(0, LINE));
		for (const line of parts) say(line);
	};
}

// The methods of these never wait, and are not marked as those that may: a component that calls what may wait answers by a promise.

class Input extends InputStream {
	override blockingRead(length: bigint): Uint8Array | Promise<Uint8Array> {
		return super.blockingRead(length);
	}

	override blockingSkip(length: bigint): bigint | Promise<bigint> {
		return super.blockingSkip(length);
	}
}

class Output extends OutputStream {
	override blockingWriteAndFlush(bytes: Uint8Array): void | Promise<void> {
		return super.blockingWriteAndFlush(bytes);
	}

	override blockingFlush(): void | Promise<void> {
		return super.blockingFlush();
	}

	override blockingWriteZeroesAndFlush(length: bigint): void | Promise<void> {
		return super.blockingWriteZeroesAndFlush(length);
	}

	override blockingSplice(from: InputStream, length: bigint): bigint {
		return this.splice(from, length);
	}
}

/** One that is waited for holds the program up, so that it has to have come. */
class Moment extends Pollable {
	override block(): void {
		poll([this]);
	}
}

function poll(all: readonly Pollable[]): Uint32Array {
	const ready = all.flatMap((one, index) => (one.ready() ? [index] : []));
	if (ready.length === 0) throw new Error('it waits for what has not come, and the program would wait with it');
	return Uint32Array.from(ready);
}

const moment = (due: bigint): Moment => new Moment({...always, ready: () => process.hrtime.bigint() >= due});

const randomU64 = (): bigint => randomFillSync(new BigUint64Array(1))[0] ?? 0n;

function randomBytes(length: bigint): Uint8Array {
	if (length > BigInt(RANDOM)) throw new Error(`${length} random bytes were asked for, ${RANDOM} at most are given`);
	return randomFillSync(new Uint8Array(Number(length)));
}

function exit(): never {
	throw new Error('it has ended itself');
}

function output(pause: () => void, say: (line: string) => void) {
	const write = lines(say);
	const room = () => {
		pause();
		return ROOM;
	};
	return new Output({...always, room, write});
}

type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

/** The same functions, each of which does `first` before. */
const after = (first: () => void, functions: Functions): Functions =>
	Object.fromEntries(
		Object.entries(functions).map(([name, fn]) => {
			const call: typeof fn = (...args) => {
				first();
				return fn(...args);
			};
			return [name, call];
		}),
	);

/** What gives something: no arguments, no variables, no input, no folder; output as lines, the time, and random numbers. */
function given(plugin: string, log: Log | undefined, pause: () => void): Interfaces {
	const nothing = () => undefined;
	const now = () => process.hrtime.bigint();
	const functions: Readonly<Record<string, Functions>> = {
		'wasi:cli/environment': {getEnvironment: () => [], getArguments: () => [], initialCwd: nothing},
		'wasi:cli/exit': {exit, exitWithCode: exit},
		'wasi:cli/stdin': {getStdin: () => new Input({...always, read: nothing})},
		'wasi:cli/stdout': {getStdout: () => output(pause, line => log?.info({plugin}, line))},
		'wasi:cli/stderr': {getStderr: () => output(pause, line => log?.warn({plugin}, line))},
		'wasi:cli/terminal-stdin': {getTerminalStdin: nothing},
		'wasi:cli/terminal-stdout': {getTerminalStdout: nothing},
		'wasi:cli/terminal-stderr': {getTerminalStderr: nothing},
		'wasi:clocks/monotonic-clock': {
			now,
			resolution: () => 1n,
			subscribeInstant: moment,
			subscribeDuration: (duration: bigint) => moment(now() + duration),
		},
		'wasi:clocks/wall-clock': {
			now: () => ({seconds: BigInt(Math.floor(Date.now() / 1000)), nanoseconds: (Date.now() % 1000) * 1_000_000}),
			resolution: () => ({seconds: 0n, nanoseconds: 1_000_000}),
		},
		'wasi:filesystem/preopens': {getDirectories: () => []},
		'wasi:io/poll': {poll},
		'wasi:random/random': {getRandomBytes: randomBytes, getRandomU64: randomU64},
		'wasi:random/insecure': {getInsecureRandomBytes: randomBytes, getInsecureRandomU64: randomU64},
		'wasi:random/insecure-seed': {insecureSeed: () => [randomU64(), randomU64()]},
	};
	const counted = Object.fromEntries(Object.entries(functions).map(([name, all]) => [name, after(pause, all)]));
	return {
		...counted,
		'wasi:io/error': {Error: IoError},
		'wasi:io/poll': {...counted['wasi:io/poll'], Pollable: Moment},
		'wasi:io/streams': {InputStream: Input, OutputStream: Output},
	};
}

/** Interfaces whose resources nobody is given, but which the engines of JavaScript ask for. */
const unmade = ['wasi:filesystem/types', 'wasi:cli/terminal-input', 'wasi:cli/terminal-output'];

/** Such an interface, of functions like `Descriptor.stat`: without a handle none of them can be called. */
function withoutHandles(functions: readonly string[]): object {
	const found: Record<string, {prototype: object}> = {};
	for (const name of functions) {
		const [type = '', method = ''] = name.split('.');
		found[type] ??= class {};
		Object.defineProperty(found[type].prototype, method, {value: () => undefined});
	}
	return found;
}

/**
 * What a component with these imports is given of WASI 0.2: nothing that leads out of it but lines for the log. Where it has kept the program from all
 * else for `time` milliseconds, whatever it calls traps.
 */
export function wasiOf(plugin: string, imports: readonly Extern[], log: Log | undefined, time: number): Interfaces {
	const all = given(plugin, log, patience(time));
	const found = imports.flatMap(({name, functions = []}): [string, object][] => {
		const known = /@0\.2\.\d+$/.test(name) ? unversioned(name) : '';
		const made = unmade.includes(known) ? withoutHandles(functions) : all[known];
		return made ? [[name, made]] : [];
	});
	return Object.fromEntries(found);
}
