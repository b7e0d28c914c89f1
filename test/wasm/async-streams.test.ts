import {FutureReader, type Instance, StreamReader, Trap} from '@forgeone/wasm';
import test from 'ava';
import fc from 'fast-check';
import {later, sink, spring} from './support/async.ts';
import {type Exports, guest} from './support/guest.ts';

type Guest = Instance & {readonly exports: Exports};

/** What a copy of so many elements returns that was completed, dropped or cancelled. */
const completed = (count: number): number => count << 4;
const dropped = (count: number): number => (count << 4) | 1;
const cancelled = (count: number): number => (count << 4) | 2;
const blocked = 0xffff_ffff;

const bytes = ({exports}: Guest, count: number): number[] => Array.from({length: count}, (_, i) => exports.byte(i));

const sources: readonly (readonly [what: string, make: (bytes: readonly number[]) => unknown])[] = [
	['an array', bytes => [...bytes]],
	['a typed array', bytes => Uint8Array.from(bytes)],
	['a generator of numbers', bytes => bytes.values()],
	['a generator of chunks', bytes => bytes.map(byte => [byte]).values()],
	['a ReadableStream', bytes => new Blob([Uint8Array.from(bytes)]).stream()],
	[
		'a slow generator',
		async function* (bytes) {
			for (const byte of bytes) yield later(byte);
		},
	],
];

for (const [what, make] of sources) {
	test(`a guest reads a stream of the host's: ${what}`, async t => {
		const reader = await guest(sink('stream', 'u8'));
		reader.exports.keep(make([7, 8, 9]));
		const found: number[] = [];
		for (;;) {
			const code = await reader.exports.read(2);
			found.push(...bytes(reader, code >>> 4));
			if ((code & 15) === 1) break;
		}
		t.deepEqual(found, [7, 8, 9]);
		reader.exports.drop();
	});
}

test('the host is asked for values only when the guest reads, and told when it drops the stream', async t => {
	const events: string[] = [];
	const reader = await guest(sink('stream', 'u8'));
	reader.exports.keep(
		(function* () {
			try {
				for (let i = 0; ; i++) {
					events.push(`ask ${i}`);
					yield i;
				}
			} finally {
				events.push('end');
			}
		})(),
	);
	t.deepEqual(events, []);
	t.is(await reader.exports.read(1), completed(1));
	t.deepEqual(events, ['ask 0']);
	reader.exports.drop();
	t.deepEqual(events, ['ask 0', 'end']);
});

test('a stream of the host is told when the guest ends', async t => {
	let ended = false;
	const reader = await guest(sink('stream', 'u8'));
	reader.exports.keep(
		(function* () {
			try {
				for (;;) yield 1;
			} finally {
				ended = true;
			}
		})(),
	);
	await reader.exports.read(1);
	reader.dispose();
	t.true(ended);
});

test('a stream of the host that fails ends the guest', async t => {
	const cause = new Error('broken');
	const reader = await guest(sink('stream', 'u8'));
	reader.exports.keep(
		(async function* () {
			yield 1;
			throw cause;
		})(),
	);
	t.is(await reader.exports.read(1), completed(1));
	const trap = await t.throwsAsync<Trap>(reader.exports.read(1), {instanceOf: Trap});
	t.is(trap?.cause, cause);
	t.true(reader.dead);
});

test('a wrong value in a stream of the host ends the guest, and what is no iterable harms nothing', async t => {
	const reader = await guest(sink('stream', 'u8'));
	t.throws(() => reader.exports.keep(5), {code: 'FORGE_VALUE_INVALID'});
	reader.exports.keep([1, 'two']);
	await t.throwsAsync(reader.exports.read(2), {code: 'FORGE_TRAP', message: /expected u8/});
});

test('strings and streams without elements come from the host too', async t => {
	const reader = await guest(sink('stream', 'string'));
	reader.exports.keep(['grüß', 'dich']);
	t.is(await reader.exports.read(1), completed(1));
	t.is(reader.exports.text(), 'grüß');
	const counter = await guest(sink('stream', ''));
	counter.exports.keep([undefined, undefined, undefined]);
	t.is(await counter.exports.read(2), completed(2));
	t.is(await counter.exports.read(2), completed(1));
	t.is(await counter.exports.read(2), dropped(0));
});

test('a read of a stream of the host can be cancelled, and what came meanwhile is kept', async t => {
	const reader = await guest(sink('stream', 'u8', false));
	let give = (_: number): void => {};
	const promise = new Promise<number>(resolve => {
		give = resolve;
	});
	reader.exports.keep(
		(async function* () {
			yield promise;
		})(),
	);
	t.is(await reader.exports.read(4), blocked);
	t.is(await reader.exports.cancel(), cancelled(0));
	give(6);
	await later(undefined);
	t.is(await reader.exports.read(4), completed(1));
	t.is(reader.exports.byte(0), 6);
});

test('the host reads a stream of a guest a few at a time, and by value', async t => {
	const writer = await guest(spring('stream', 'u8'));
	const stream = writer.exports.make();
	t.true(stream instanceof StreamReader);
	for (let i = 0; i < 5; i++) writer.exports.put(i, i + 1);
	const written = writer.exports.write(5);
	t.deepEqual(await stream.read({count: 2}), {value: Uint8Array.of(1, 2), done: false});
	t.is(await written, completed(2));
	const again = writer.exports.write(3);
	t.deepEqual(await stream.read(), {value: Uint8Array.of(1, 2, 3), done: false});
	t.is(await again, completed(3));
	const rest: unknown[] = [];
	const all = (async () => {
		for await (const byte of stream) rest.push(byte);
	})();
	t.is(await writer.exports.write(2), completed(2));
	writer.exports.close();
	await all;
	t.deepEqual(rest, [1, 2]);
});

test('lists in a stream are copies, whatever the guest does with its memory', async t => {
	const writer = await guest(spring('stream', '$L').replace('(type $T', '(type $L (list u8)) (type $T'));
	const stream = writer.exports.make();
	writer.exports.hi();
	const written = writer.exports.write(1);
	const {value} = await stream.read();
	t.is(await written, completed(1));
	t.deepEqual(value, [Uint8Array.of(104, 105)]);
	t.is(value[0].buffer.byteLength, 2);
});

test('a guest is told when the host drops its stream', async t => {
	const writer = await guest(spring('stream', 'u8'));
	const stream = writer.exports.make();
	const written = writer.exports.write(3);
	stream[Symbol.dispose]();
	t.is(await written, dropped(0));
	await t.throwsAsync(stream.read(), {code: 'FORGE_VALUE_INVALID'});
	writer.exports.close();
});

test('leaving a loop over a stream drops it', async t => {
	const writer = await guest(spring('stream', 'u8'));
	const stream = writer.exports.make();
	const first = (async () => {
		for await (const byte of stream) return byte;
		return undefined;
	})();
	writer.exports.put(0, 9);
	t.is(await writer.exports.write(1), completed(1));
	t.is(await first, 9);
	t.is(await writer.exports.write(1), dropped(0));
});

test('a write that nobody read can be cancelled', async t => {
	const writer = await guest(spring('stream', 'u8', false));
	const stream = writer.exports.make();
	t.is(await writer.exports.write(3), blocked);
	t.is(await writer.exports.cancel(), cancelled(0));
	t.is(await writer.exports.write(3), blocked);
	t.deepEqual((await stream.read({count: 1})).value, Uint8Array.of(0));
	t.is(await writer.exports.cancel(), cancelled(1));
});

test('a stream that a guest gave can be given to another instance, or back', async t => {
	const writer = await guest(spring('stream', 'u8'));
	const reader = await guest(sink('stream', 'u8'));
	const stream = writer.exports.make();
	reader.exports.keep(stream);
	writer.exports.put(0, 5);
	const written = writer.exports.write(1);
	t.is(await reader.exports.read(3), completed(1));
	t.is(reader.exports.byte(0), 5);
	t.is(await written, completed(1));
	writer.exports.close();
	t.is(await reader.exports.read(1), dropped(0));
	const other = await guest(sink('stream', 'u8'));
	other.exports.keep([1, 2, 3]);
	t.deepEqual(await other.exports.give().read(), {value: [1, 2, 3], done: false});
});

test('a stream can be given away only once, and not once it was read to its end', async t => {
	const reader = await guest(sink('stream', 'u8'));
	reader.exports.keep([1]);
	const stream = reader.exports.give();
	reader.exports.keep(stream);
	t.throws(() => reader.exports.keep(stream), {code: 'FORGE_VALUE_INVALID'});
	const other = await guest(sink('stream', 'u8'));
	other.exports.keep([]);
	t.is(await other.exports.read(1), dropped(0));
	t.throws(() => other.exports.give(), {code: 'FORGE_TRAP', message: /reading it to its end/});
});

for (const [what, value] of [
	['a promise', later(200)],
	['a value', 200],
] as const) {
	test(`a guest reads a future of the host's: ${what}`, async t => {
		const reader = await guest(sink('future', 'u8'));
		reader.exports.keep(value);
		t.is(await reader.exports.read(0), 0);
		t.is(reader.exports.byte(0), 200);
		reader.exports.drop();
		t.false(reader.dead);
	});
}

test('a future of the host that is rejected ends the guest that reads it, and nobody else', async t => {
	const cause = new Error('no');
	const reader = await guest(sink('future', 'u8'));
	reader.exports.keep(Promise.reject(cause));
	await later(undefined);
	t.false(reader.dead);
	const trap = await t.throwsAsync<Trap>(reader.exports.read(0), {instanceOf: Trap});
	t.is(trap?.cause, cause);
});

test('the host awaits a future of a guest', async t => {
	const writer = await guest(spring('future', 'string'));
	const future = writer.exports.make();
	t.true(future instanceof FutureReader);
	writer.exports.hi();
	const written = writer.exports.write(0);
	t.is(await future, 'hi');
	t.is(await future, 'hi');
	t.is(await written, 0);
	writer.exports.close();
});

test('a guest is told when the host drops its future', async t => {
	const writer = await guest(spring('future', 'u8'));
	const future = writer.exports.make();
	const written = writer.exports.write(0);
	future[Symbol.dispose]();
	t.is(await written, 1);
	writer.exports.close();
});

test('what the host waits for is rejected when the guest ends', async t => {
	const writer = await guest(spring('stream', 'u8'));
	const waiting = writer.exports.make().read();
	writer.dispose();
	await t.throwsAsync(waiting, {code: 'FORGE_TRAP', message: /disposed/});
});

/** Calls exports one after the other, each with what it takes. */
const calling =
	(...calls: readonly (readonly [name: string, ...args: unknown[]])[]) =>
	async (exports: Exports): Promise<void> => {
		for (const [name, ...args] of calls) {
			const returned = exports[name](...args);
			// A future must not be read.
			if (returned instanceof Promise) await returned;
		}
	};

type Run = ReturnType<typeof calling>;

const traps: readonly (readonly [what: string, message: RegExp, run: Run, guest: string])[] = [
	['drops a future that it has not written', /without first writing/, calling(['make'], ['close']), spring('future', 'u8')],
	['reads while it reads', /concurrent operations/, calling(['keep', later(1)], ['read', 1], ['read', 1]), sink('future', 'u8', false)],
	[
		'drops an end in the middle of a copy',
		/in the middle of a copy/,
		calling(['make'], ['write', 1], ['close']),
		spring('stream', 'u8', false),
	],
	[
		'gives an end away in the middle of a copy',
		/in the middle of a copy/,
		calling(['keep', later(1, 50)], ['read', 1], ['give']),
		sink('future', 'u8', false),
	],
	['cancels nothing', /no copy to cancel/, calling(['make'], ['cancel']), spring('stream', 'u8')],
	['reads beyond its memory', /out of bounds/, calling(['keep', []], ['read', 65_536]), sink('stream', 'u8')],
	['reads more than can be', /longer than/, calling(['keep', []], ['read', 2 ** 28]), sink('stream', '')],
	['reads on after the end', /other end dropped/, calling(['keep', []], ['read', 1], ['read', 1]), sink('stream', 'u8')],
	['uses an end that is none', /unknown handle index 0/, calling(['read', 1]), sink('stream', 'u8')],
];

for (const [what, message, run, text] of traps) {
	test(`a guest that ${what} traps`, async t => {
		const instance = await guest(text);
		await t.throwsAsync(async () => run(instance.exports), {code: 'FORGE_TRAP', message});
		t.true(instance.dead);
	});
}

test('whatever is written in whatever pieces is read in whatever pieces', async t => {
	const pieces = fc.array(fc.integer({min: 1, max: 9}), {minLength: 1, maxLength: 6});
	await fc.assert(
		fc.asyncProperty(pieces, fc.integer({min: 1, max: 7}), async (writes, count) => {
			const writer = await guest(spring('stream', 'u8'));
			const stream = writer.exports.make();
			const total = writes.reduce((sum, n) => sum + n, 0);
			const found: number[] = [];
			const reading = (async () => {
				for (;;) {
					const {value, done} = await stream.read({count});
					if (done) return;
					t.true((value?.length ?? 0) <= count);
					found.push(...(value as Uint8Array));
				}
			})();
			const expected = Array.from({length: total}, (_, i) => i & 255);
			let next = 0;
			for (const size of writes) {
				for (const end = next + size; next < end; ) {
					// What was not taken is written again, from the same place.
					for (let i = next; i < end; i++) writer.exports.put(i - next, i & 255);
					const code = await writer.exports.write(end - next);
					t.is(code & 15, 0);
					next += code >>> 4;
				}
			}
			writer.exports.close();
			await reading;
			t.deepEqual(found, expected);
		}),
		{numRuns: 25},
	);
});
