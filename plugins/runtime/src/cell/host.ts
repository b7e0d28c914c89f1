import {type CellHalf, type Hosted, InputStream, IoError, OutputStream, Pollable, poll, type Readiness} from '@forgeone/sdk/cell';
import {GuestExit} from '@forgeone/wasm';
import type {Task} from '../isolation.ts';
import type {Stdio} from './stdio.ts';

/** The most random bytes that one call gives. */
const RANDOM = 1024 * 1024;

const NANOSECONDS = 1_000_000n;

const LAST = 2n ** 64n - 1n;

/** No guest is given a terminal: these are never made. */
class TerminalInput {}
class TerminalOutput {}

/** Node needs five milliseconds to load it, which a guest that asks for nothing random does not wait for. */
export const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');

/** The last that were given: guests have their copy before they ask again. */
let random = new Uint8Array();

function randomBytes(length: bigint): Uint8Array {
	if (length > BigInt(RANDOM)) throw new Error(`${length} random bytes were asked for, ${RANDOM} at most are given`);
	if (random.length < length) random = new Uint8Array(Number(length));
	return crypto().randomFillSync(random.subarray(0, Number(length)));
}

function randomU64(): bigint {
	return crypto().randomFillSync(new BigUint64Array(1))[0] ?? 0n;
}

/** The longest that a timer of Node's may run, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** The monotonic clock, which tells so much apart, in nanoseconds; and what ends all who wait for a moment of it. */
function createClock(resolution: bigint) {
	const waiting = new Set<() => void>();

	function now(): bigint {
		const time = process.hrtime.bigint();
		return time - (time % resolution);
	}

	/** Ready from a moment on. */
	const at = (instant: bigint): Readiness => ({
		ready: () => now() >= instant,
		watch(wake) {
			let timeout: NodeJS.Timeout | undefined;
			const wait = (): void => {
				const left = Number(instant - now()) / Number(NANOSECONDS);
				if (left <= 0) wake();
				else timeout = setTimeout(wait, Math.min(Math.ceil(left), LONGEST));
			};
			const end = (): void => {
				clearTimeout(timeout);
				waiting.delete(end);
			};
			waiting.add(end);
			timeout = setTimeout(wait, 0);
			return end;
		},
	});

	/** A moment that lies so long after now; the last that there is where it would lie beyond. */
	function after(duration: bigint): bigint {
		const instant = now() + duration;
		return instant > LAST ? LAST : instant;
	}

	return {
		monotonic: {
			now,
			resolution: () => resolution,
			subscribeInstant: (instant: bigint) => new Pollable(at(instant)),
			subscribeDuration: (duration: bigint) => new Pollable(at(after(duration))),
		},
		close() {
			for (const end of waiting) end();
		},
	};
}

/** The clock of the day, to the millisecond. */
const wallClock = {
	now() {
		const milliseconds = Date.now();
		return {seconds: BigInt(Math.floor(milliseconds / 1000)), nanoseconds: (milliseconds % 1000) * 1_000_000};
	},
	resolution: () => ({seconds: 0n, nanoseconds: 1_000_000}),
};

function cli({arguments: args, environment}: Task, stdio: Stdio): Hosted['imports'] {
	return {
		'wasi:cli/environment@0.2.9': {
			getEnvironment: () => environment,
			getArguments: () => args,
			initialCwd: () => undefined,
		},
		'wasi:cli/exit@0.2.9': {
			exit(status: {readonly tag: 'ok' | 'err'}) {
				throw new GuestExit(status.tag === 'ok' ? 0 : 1);
			},
			exitWithCode(code: number) {
				throw new GuestExit(code);
			},
		},
		'wasi:cli/stdin@0.2.9': {getStdin: () => new InputStream(stdio.input)},
		'wasi:cli/stdout@0.2.9': {getStdout: () => new OutputStream(stdio.stdout)},
		'wasi:cli/stderr@0.2.9': {getStderr: () => new OutputStream(stdio.stderr)},
		'wasi:cli/terminal-input@0.2.9': {TerminalInput},
		'wasi:cli/terminal-output@0.2.9': {TerminalOutput},
		'wasi:cli/terminal-stdin@0.2.9': {getTerminalStdin: () => undefined},
		'wasi:cli/terminal-stdout@0.2.9': {getTerminalStdout: () => undefined},
		'wasi:cli/terminal-stderr@0.2.9': {getTerminalStderr: () => undefined},
	};
}

/** The longest line of a log, in characters; what is beyond is cut. */
const LINE = 64 * 1024;

/** `wasi:config/store`: what the container was given, and nothing else. */
function settings({config}: Task): Hosted['imports'] {
	const values = new Map(config);
	return {'wasi:config/store': {get: (key: string) => values.get(key), getAll: () => config}};
}

/** `wasi:logging/logging`: each message is a line of standard error. It never waits: what there is no room for is lost. */
function logging({stderr}: Stdio): Hosted['imports'] {
	const log = (level: string, context: string, message: string): void => {
		// No longer than a line before anything is made of it.
		const [about, words] = [context.slice(0, LINE), message.slice(0, LINE)];
		const text = `${level.toUpperCase()}${about === '' ? '' : ` ${about}`}: ${words}`;
		const line = new TextEncoder().encode(`${text.replace(/[\r\n]+/g, ' ').slice(0, LINE)}\n`);
		if ((stderr.room() ?? 0) >= line.length) stderr.write(line);
	};
	return {'wasi:logging/logging': {log}};
}

/** What the runtime itself hosts in a cell: `wasi:cli`, `wasi:clocks`, `wasi:config`, `wasi:io`, `wasi:logging` and `wasi:random`. */
export function hostHalf(task: Task, stdio: Stdio): CellHalf {
	const clock = createClock(BigInt(task.resolution));
	const imports = {
		...cli(task, stdio),
		...settings(task),
		...logging(stdio),
		'wasi:clocks/monotonic-clock@0.2.9': clock.monotonic,
		'wasi:clocks/wall-clock@0.2.9': wallClock,
		'wasi:io/error@0.2.9': {Error: IoError},
		'wasi:io/poll@0.2.9': {Pollable, poll},
		'wasi:io/streams@0.2.9': {InputStream, OutputStream},
		'wasi:random/random@0.2.9': {getRandomBytes: randomBytes, getRandomU64: randomU64},
		'wasi:random/insecure@0.2.9': {getInsecureRandomBytes: randomBytes, getInsecureRandomU64: randomU64},
		'wasi:random/insecure-seed@0.2.9': {insecureSeed: () => [randomU64(), randomU64()]},
	};
	return {host: () => ({imports}), close: clock.close};
}
