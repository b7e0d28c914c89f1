import type {Socket} from 'node:net';
import {Duplex} from 'node:stream';
import {type Channel, createChannel} from '@forgeone/plugin-runtime/channel';
import {decoder, encode, type Frame, type Wire} from '@forgeone/plugin-runtime/frame';
import {socketWire, wirePair} from '@forgeone/plugin-runtime/wires';
import test from 'ava';
import fc from 'fast-check';

const number = fc.integer({min: 0, max: 2 ** 48 - 1});
const text = fc.string({unit: 'binary'});

const frame: fc.Arbitrary<Frame> = fc.oneof(
	fc.record({kind: fc.constant('open'), call: number, to: text.filter(to => !to.includes('\n')), head: text}),
	fc.record({kind: fc.constant('answer'), call: number, head: text}),
	fc.record({kind: fc.constant('data'), call: number, bytes: fc.uint8Array()}),
	fc.record({kind: fc.constant('credit'), call: number, bytes: fc.nat(2 ** 31)}),
	fc.record({kind: fc.constant('end'), call: number, trailer: fc.option(text, {nil: undefined})}),
	fc.record({kind: fc.constant('cancel'), call: number, reason: text}),
);

/** Bytes cut anywhere. */
function* cut(bytes: Buffer, at: readonly number[]): Generator<Buffer> {
	const places = [0, ...at.map(each => each % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
	for (const [index, start] of places.slice(0, -1).entries()) yield bytes.subarray(start, places[index + 1]);
}

const plain = (each: Frame) => (each.kind === 'data' ? {...each, bytes: [...each.bytes]} : each);

test('A11: frames come out as they went in, wherever their bytes were cut', t => {
	fc.assert(
		fc.property(fc.array(frame), fc.array(fc.nat()), (frames, places) => {
			const found: Frame[] = [];
			const decode = decoder(each => found.push(each));
			for (const piece of cut(Buffer.concat(frames.map(encode)), places)) decode(piece);
			t.deepEqual(found.map(plain), frames.map(plain));
		}),
	);
});

test('A11: of any bytes the decoder makes frames or refuses them with a reason, and keeps no more than one frame of them', t => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array({maxLength: 64}), {maxLength: 40}), pieces => {
			const decode = decoder(() => undefined);
			try {
				for (const piece of pieces) decode(Buffer.from(piece));
			} catch (error) {
				t.regex((error as Error).message, /^a (frame|call|credit) /);
			}
		}),
		{numRuns: 2_000},
	);
});

test('A11: a frame that says it is longer than any may be is refused by its first bytes', t => {
	for (const size of [0, 6, 2 ** 20, 2 ** 31, 2 ** 32 - 1]) {
		const header = Buffer.alloc(11);
		header.writeUInt32LE(size);
		t.throws(() => decoder(() => undefined)(header), {message: `a frame of ${size} bytes`});
	}
});

test('A11: a small piece keeps none of the bytes that it came with', t => {
	const large = {kind: 'data', call: 1, bytes: new Uint8Array(200_000)} as const;
	const chunk = Buffer.concat([encode({kind: 'data', call: 1, bytes: Buffer.from('small')}), encode(large)]);
	const found: Frame[] = [];
	decoder(each => found.push(each))(chunk);
	const [small] = found as [Frame & {kind: 'data'}];
	t.not(small.bytes.buffer, chunk.buffer);
});

/** The kernel's side of a channel, and what speaks to it as a cell. */
function side(take: Parameters<typeof createChannel>[2]['take'] = () => undefined) {
	const [kernel, cell] = wirePair();
	let reason: string | undefined;
	const channel = createChannel(kernel, 'kernel', {
		take,
		lost: why => {
			reason = why;
		},
	});
	const said: Frame[] = [];
	cell.receive(
		each => said.push(each),
		() => undefined,
	);
	return {channel, cell, said, lost: () => reason, settle: () => new Promise(resolve => setImmediate(() => setImmediate(resolve)))};
}

const say = (cell: Wire, ...frames: readonly Frame[]) => {
	for (const each of frames) cell.send(each);
};

test('A11: whatever frames a cell sends, its channel lives on or breaks with a reason, and the kernel throws nothing', async t => {
	await fc.assert(
		fc.asyncProperty(fc.array(frame, {maxLength: 30}), async frames => {
			const {channel, cell, lost, settle} = side((_, call) => call.finish());
			channel.open('start', '').finish();
			say(cell, ...frames.map(each => ({...each, call: each.call % 8})));
			await settle();
			t.true(lost() === undefined || /^it broke the protocol: /.test(lost() ?? ''), lost());
			channel.close('done');
		}),
		{numRuns: 300},
	);
});

const opened = (call: number): Frame => ({kind: 'open', call, to: 'part:x', head: ''});
const piece = (size: number): Frame => ({kind: 'data', call: 1, bytes: new Uint8Array(size)});

for (const [what, frames, message] of [
	["a number of the kernel's", [opened(2)], 'a call of the number 2'],
	['a number twice', [opened(3), opened(3)], 'a call of the number 3'],
	['an older number', [opened(3), opened(1)], 'a call of the number 1'],
	['a call that there is not', [{kind: 'end', call: 7, trailer: undefined}], 'a word about the call 7, which there is not'],
	['more bytes than there was room for', [opened(1), piece(2 ** 18), piece(2 ** 18), piece(2 ** 18)], 'more bytes than there was room for'],
	['many small pieces', [opened(1), ...Array.from({length: 3_000}, () => piece(1))], 'more bytes than there was room for'],
	['pieces of nothing', [opened(1), piece(0)], 'no bytes'],
	['bytes after their end', [opened(1), {kind: 'end', call: 1, trailer: undefined}, piece(1)], 'bytes after their end'],
	['two ends', [opened(1), {kind: 'end', call: 1, trailer: ''}, {kind: 'end', call: 1, trailer: ''}], 'a second end'],
	[
		'two answers',
		[
			{kind: 'answer', call: 0, head: ''},
			{kind: 'answer', call: 0, head: ''},
		],
		'a second answer',
	],
	['room for nothing', [{kind: 'credit', call: 0, bytes: 0}], 'room for nothing'],
	['more room than there is', [{kind: 'credit', call: 0, bytes: 1}], 'more room than there is'],
	['calls without end', Array.from({length: 5_000}, (_, index) => opened(2 * index + 1)), 'more than 4096 calls at a time'],
] satisfies [string, Frame[], string][]) {
	test(`A11: a cell that speaks of ${what} has broken the protocol`, async t => {
		const {channel, cell, lost, settle} = side();
		const open = channel.open('start', '');
		say(cell, ...frames);
		await settle();
		t.is(lost(), `it broke the protocol: ${message}`);
		t.is(await open.cancelled(), lost());
	});
}

test('a cell may have any number of calls, as long as those that are open are few', async t => {
	const {cell, lost, settle} = side((_, call) => call.finish());
	for (let call = 1; call < 10_000; call += 2) say(cell, opened(call), {kind: 'end', call, trailer: undefined});
	await settle();
	t.is(lost(), undefined);
});

test('A11: what a cell says in all its calls together, and nobody reads, is bounded', async t => {
	const {cell, lost, settle} = side();
	const head = 'x'.repeat(200_000);
	for (let index = 0; index < 1_000; index++) say(cell, {kind: 'open', call: 2 * index + 1, to: 'part:x', head});
	await settle();
	t.is(lost(), `it broke the protocol: more than ${128 * 2 ** 20} bytes that nobody has read`);
});

/** Two sides that understand each other. */
function pair(): {kernel: Channel; taken: Promise<Parameters<Parameters<typeof createChannel>[2]['take']>[1]>} {
	const [one, two] = wirePair();
	const {promise: taken, resolve} = Promise.withResolvers<Parameters<Parameters<typeof createChannel>[2]['take']>[1]>();
	createChannel(two, 'cell', {take: (_, call) => resolve(call), lost: () => undefined});
	return {kernel: createChannel(one, 'kernel', {take: () => undefined, lost: () => undefined}), taken};
}

test('bytes that are read in pieces of any size all come, many windows of them', async t => {
	const {kernel, taken} = pair();
	const call = kernel.open('input', '');
	const sent = Buffer.alloc(8 * 2 ** 20, 'forge');
	const writing = call.write(sent).then(() => call.finish());
	const {incoming} = await taken;
	const found: Buffer[] = [];
	for (let size = 1; ; size = (size * 7) % 10_007) {
		if (!incoming.ready()) await new Promise<void>(resolve => setImmediate(resolve));
		const bytes = incoming.read(size);
		if (bytes === undefined) break;
		found.push(Buffer.from(bytes));
	}
	await writing;
	t.true(Buffer.concat(found).equals(sent));
});

test('small pieces that wait are read together', async t => {
	const {kernel, taken} = pair();
	const call = kernel.open('input', '');
	for (const word of ['one ', 'two ', 'three']) await call.write(Buffer.from(word));
	const there = await taken;
	await new Promise<void>(resolve => setImmediate(() => setImmediate(resolve)));
	t.is(String(await there.read()), 'one two three');
});

for (const [count, when] of [
	[1, 'at once'],
	[3, 'with all else of its turn'],
] as const) {
	test(`of ${count} calls that are open, what ends goes out ${when}`, async t => {
		const sent: Frame[] = [];
		const out: Frame[] = [];
		const flush = () => void out.push(...sent.splice(0));
		const wire = {send: (each: Frame) => void sent.push(each), flush, receive: () => undefined, close: () => undefined};
		const channel = createChannel(wire, 'kernel', {take: () => undefined, lost: () => undefined});
		const calls = Array.from({length: count}, (_, index) => channel.open(`${index}`, ''));
		t.deepEqual(out, []);
		calls[0]?.finish();
		t.is(out.length, count === 1 ? 2 : 0);
	});
}

test('of many calls that end in any order, each hears what was said to it', async t => {
	await fc.assert(
		fc.asyncProperty(fc.integer({min: 1, max: 400}), fc.infiniteStream(fc.double({noNaN: true})), async (count, order) => {
			const [one, two] = wirePair();
			const waiting: {rank: number; answer(): void}[] = [];
			createChannel(two, 'cell', {
				take(_, call) {
					const answer = () => {
						call.answer(call.head());
						call.finish();
					};
					waiting.push({rank: order.next().value, answer});
				},
				lost: () => undefined,
			});
			const kernel = createChannel(one, 'kernel', {take: () => undefined, lost: () => undefined});
			let over = 0;
			const asked = Array.from({length: count}, (_, index) => {
				const call = kernel.open('serve', `${index}`, undefined, () => over++);
				call.finish();
				return call.reply();
			});
			while (waiting.length < count) await new Promise<void>(resolve => setImmediate(resolve));
			for (const {answer} of waiting.sort((a, b) => a.rank - b.rank)) answer();
			t.deepEqual(
				await Promise.all(asked),
				Array.from({length: count}, (_, index) => `${index}`),
			);
			t.is(over, count);
		}),
		{numRuns: 20},
	);
});

test('what the kernel says in one turn of its loop reaches a cell in one write, and still in order', async t => {
	const written: Buffer[] = [];
	const socket = new Duplex({
		read: () => undefined,
		write(chunk, _, done) {
			written.push(chunk);
			done();
		},
	});
	const wire = socketWire(socket as Socket, true);
	const frames: Frame[] = [1, 2, 3].map(call => ({kind: 'answer', call, head: ''}));
	for (const each of frames) {
		wire.send(each);
		await new Promise<void>(resolve => process.nextTick(resolve));
	}
	t.is(written.length, 0);
	await new Promise<void>(resolve => setImmediate(resolve));
	t.is(written.length, 1);
	const found: Frame[] = [];
	decoder(each => found.push(each))(written[0] as Buffer);
	t.deepEqual(found, frames);
});
