import {createChannel} from '@forgeone/plugin-runtime/channel';
import type {Frame, Wire} from '@forgeone/plugin-runtime/frame';
import {wirePair} from '@forgeone/plugin-runtime/wires';
import type {KernelCall} from '@forgeone/sdk';
import {type Call, CallCancelled, type IoError} from '@forgeone/sdk/cell';
import test from 'ava';
import fc from 'fast-check';
import {callPair, kernelCall} from '../support/calls.ts';

const nobody = {take: () => undefined, lost: () => undefined};
const settle = () => new Promise<void>(resolve => setImmediate(() => setImmediate(resolve)));

const through = {
	answer(head: string) {
		if (head === 'bad') throw new Error('no head');
		return `<${head}>`;
	},
	failed: (error: unknown) => `failed: ${error instanceof CallCancelled ? error.reason : (error as Error).message}`,
};

/** The kernel and two cells: the first asks, and the kernel joins its call with one to the second. */
function neighbours(asker?: (cell: Wire) => void, asked?: (cell: Wire) => void) {
	const [[one, first], [two, second]] = [wirePair(), wirePair()];
	const taken = Promise.withResolvers<Call>();
	const reasons: (string | undefined)[] = [undefined, undefined];
	let over: Promise<boolean> | undefined;
	const to = createChannel(two, 'kernel', {
		take: () => undefined,
		lost(reason) {
			reasons[1] = reason;
		},
	});
	createChannel(one, 'kernel', {
		take(_, call) {
			over = call.join(to.open('serve', call.head()), through);
		},
		lost(reason) {
			reasons[0] = reason;
		},
	});
	if (asked) asked(second);
	else createChannel(second, 'cell', {take: (_, call) => taken.resolve(call), lost: () => undefined});
	asker?.(first);
	const call = (): Call => createChannel(first, 'cell', nobody).open('part:x', 'head');
	return {call, taken: taken.promise, over: () => over, reasons, to};
}

/** A cell that says these frames, and keeps what is said to it. */
const saying =
	(...frames: readonly Frame[]) =>
	(cell: Wire) => {
		cell.receive(nobody.take, () => undefined);
		for (const frame of frames) cell.send(frame);
	};

async function all({incoming}: Call): Promise<{bytes: Buffer; trailer: string | undefined}> {
	const found: Uint8Array[] = [];
	for (let bytes = incoming.read(1_000_000); bytes; bytes = incoming.read(1_000_000)) {
		if (bytes.length === 0) await settle();
		found.push(Uint8Array.from(bytes));
	}
	return {bytes: Buffer.concat(found), trailer: incoming.trailer};
}

async function say(call: Call, pieces: readonly Uint8Array[], trailer: string | undefined): Promise<void> {
	for (const piece of pieces) {
		for (let at = 0; at < piece.length; ) {
			const room = call.outgoing.room() ?? Number.NaN;
			call.outgoing.write(piece.subarray(at, at + room));
			at += room;
			if (room === 0) await settle();
		}
	}
	call.outgoing.end(trailer);
}

const body = fc.record({
	pieces: fc.array(fc.oneof(fc.uint8Array({maxLength: 100}), fc.nat(700_000).map(Buffer.alloc)), {maxLength: 8}),
	trailer: fc.option(fc.string(), {nil: undefined}),
});

test('what is said in one of two calls that are joined comes out of the other, both ways, with what was said at the end', async t => {
	const exchange = async (there: typeof body extends fc.Arbitrary<infer T> ? T : never, back: typeof there) => {
		const {call, taken, over} = neighbours();
		const opened = call();
		const asking = say(opened, there.pieces, there.trailer);
		const asked = await taken;
		t.is(asked.head(), 'head');
		asked.answer('200');
		t.is(await opened.reply(), '<200>');
		const answering = say(asked, back.pieces, back.trailer);
		const [request, response] = await Promise.all([all(asked), all(opened), asking, answering]);
		t.true(request.bytes.equals(Buffer.concat(there.pieces)));
		t.true(response.bytes.equals(Buffer.concat(back.pieces)));
		t.deepEqual([request.trailer, response.trailer], [there.trailer, back.trailer]);
		t.true(await over());
	};
	await fc.assert(fc.asyncProperty(body, body, exchange), {numRuns: 60});
});

test('who does not read holds back who writes to the call that it is joined to, until it reads', async t => {
	const {call, taken} = neighbours();
	const opened = call();
	const fill = async () => {
		let written = 0;
		for (let room = opened.outgoing.room() ?? 0; room > 0; room = opened.outgoing.room() ?? 0) {
			opened.outgoing.write(Buffer.alloc(room));
			written += room;
			await settle();
		}
		return written;
	};
	t.is(await fill(), 512 * 1024);
	const asked = await taken;
	t.is(await fill(), 0);
	for (let read = 0; read < 512 * 1024; ) read += asked.incoming.read(100_000)?.length ?? 0;
	await settle();
	t.is(await fill(), 512 * 1024);
});

test('of two calls that are joined each ends as the other is cancelled, and is told why', async t => {
	const one = neighbours();
	const leaving = one.call();
	const left = await one.taken;
	leaving.cancel('enough');
	t.is(await new Promise<string>(resolve => left.onCancel(resolve)), 'the client has left');
	t.true(await one.over());

	const two = neighbours();
	const waiting = two.call();
	(await two.taken).cancel('broken');
	t.is((await t.throwsAsync<CallCancelled>(waiting.reply())).reason, 'failed: broken');
	t.true(await two.over());
});

test('what a cell had answered by the time at which it is lost is read, and then why there is no more', async t => {
	const {call, taken, to, over} = neighbours();
	const opened = call();
	const asked = await taken;
	asked.answer('200');
	asked.outgoing.write(Buffer.from('a part'));
	t.is(await opened.reply(), '<200>');
	to.close('killed');
	t.true(await over());
	await settle();
	t.is(Buffer.from(opened.incoming.read(100) ?? []).toString(), 'a part');
	const error = t.throws(() => opened.incoming.read(100), {any: true}) as unknown;
	t.is((error as IoError).toDebugString(), 'failed: killed');
});

test('an answer that can not be passed on cancels both calls', async t => {
	const {call, taken} = neighbours();
	const opened = call();
	const asked = await taken;
	asked.answer('bad');
	t.is((await t.throwsAsync<CallCancelled>(opened.reply())).reason, 'failed: no head');
	t.is(await new Promise<string>(resolve => asked.onCancel(resolve)), 'the client has left');
});

test('a call that is joined to one whose cell is lost already is cancelled', async t => {
	const {call, to} = neighbours();
	to.close('killed');
	t.is((await t.throwsAsync<CallCancelled>(call().reply())).reason, 'failed: killed');
});

const opening: Frame = {kind: 'open', call: 1, to: 'part:x', head: ''};
const piece = (call: number): Frame => ({kind: 'data', call, bytes: new Uint8Array(2 ** 18)});

for (const [what, frames, message] of [
	['writes more than the other has room for', [opening, piece(1), piece(1), piece(1)], 'more bytes than there was room for'],
	['writes after its end', [opening, {kind: 'end', call: 1, trailer: ''}, piece(1)], 'bytes after their end'],
	['gives room that there is not', [opening, {kind: 'credit', call: 1, bytes: 1}], 'more room than there is'],
] satisfies [string, Frame[], string][]) {
	test(`A11: a cell that ${what} in a call that is joined breaks its own channel, and not that of its neighbour`, async t => {
		const {taken, reasons} = neighbours(saying(...frames));
		const asked = await taken;
		t.is(await new Promise<string>(resolve => asked.onCancel(resolve)), 'the client has left');
		t.deepEqual(reasons, [`it broke the protocol: ${message}`, undefined]);
	});
}

test('A11: a cell that gives room for what it was not sent, in a call that it is asked, breaks its own channel, and not that of who asks', async t => {
	const {call, reasons} = neighbours(undefined, cell => {
		cell.receive(
			frame => frame.kind === 'open' && cell.send({kind: 'credit', call: frame.call, bytes: 100}),
			() => undefined,
		);
	});
	const {reason} = await t.throwsAsync<CallCancelled>(call().reply());
	t.is(reason, 'failed: it broke the protocol: more room than there is');
	t.deepEqual(reasons, [undefined, 'it broke the protocol: more room than there is']);
});

test('calls that were joined are forgotten: 10,000, one after the other', async t => {
	const [[one, first], [two, second]] = [wirePair(), wirePair()];
	const lost = (reason: string) => t.fail(reason);
	const to = createChannel(two, 'kernel', {take: () => undefined, lost});
	createChannel(one, 'kernel', {take: (_, call) => void call.join(to.open('serve', call.head()), through), lost});
	createChannel(second, 'cell', {
		take(_, call) {
			call.answer('200');
			call.finish();
		},
		lost,
	});
	const from = createChannel(first, 'cell', {take: () => undefined, lost});
	for (let count = 0; count < 10_000; count++) await from.ask('part:x', '');
	t.is(await from.ask('part:x', ''), '<200>');
});

test('a call is not joined to one that somebody stands in, and is as it was', async t => {
	const [one, first] = wirePair();
	const {promise, resolve} = Promise.withResolvers<KernelCall>();
	createChannel(one, 'kernel', {take: (_, call) => resolve(call), lost: () => undefined});
	const opened = createChannel(first, 'cell', nobody).open('part:x', 'head');
	opened.finish();
	const call = await promise;
	t.false(await call.join?.(kernelCall(callPair('').other), through));
	t.is(await call.read(), undefined);
	await call.answer('still');
	t.is(await opened.reply(), 'still');
});
