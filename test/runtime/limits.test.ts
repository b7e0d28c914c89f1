import {join} from 'node:path';
import network from '@forgeone/plugin-network';
import runtime from '@forgeone/plugin-runtime';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {isolations} from '../support/isolations.ts';
import {nodes} from '../support/nodes.ts';
import {engineOf, folderOf, runToEnd, specOf} from '../support/runtime.ts';
import {bareOf, commandOf, fileOf} from '../support/wat.ts';

const limits = {memory: 64n * 2n ** 20n, timeout: 20_000n};

/** Opens the file `f` in the folder `$a`, for reading or writing. */
const opening = (rights: number) =>
	`(call $openAt (local.get $a) (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 1) (i32.const ${rights}) (i32.const 16))`;

/** Does something in its folder until that is refused, which is to be after a thousand times, and not many more. */
const untilRefused = (again: string, begin = '') => `
	(call $folders (i32.const 16))
	(local.set $a (i32.load (i32.load (i32.const 16))))
	${begin}
	(loop $more
		${again}
		(local.set $b (i64.add (local.get $b) (i64.const 1)))
		(br_if $more (i32.eqz (i32.load8_u (i32.const 16)))))
	(if (i64.lt_u (local.get $b) (i64.const 1000)) (then unreachable))
	(if (i64.gt_u (local.get $b) (i64.const 1024)) (then unreachable))`;

for (const [what, body, code, reason] of [
	['A2: polls nothing', '(call $poll (i32.const 0) (i32.const 0) (i32.const 16))', 134, /poll of an empty list/],
	['A2: waits for 2^64 - 1 nanoseconds', '(call $block (call $timer (i64.const -1)))', 124, /deadline/],
	['A2: reads an input that nobody closes', '(call $read (call $stdin) (i64.const 1) (i32.const 16))', 124, /deadline/],
	['A2: reads 2^62 bytes of such an input', '(call $read (call $stdin) (i64.const 0x4000000000000000) (i32.const 16))', 124, /deadline/],
	['A6: makes timers for ever', '(loop $more (drop (call $timer (i64.const -1))) (br $more))', 134, /handles/],
	['A6: gets its output for ever', '(loop $more (drop (call $stdout)) (br $more))', 134, /handles/],
	['A6: makes fields for ever', '(loop $more (drop (call $fields)) (br $more))', 134, /handles/],
	[
		'A6: waits for its output for ever',
		'(local.set $a (call $stdout)) (loop $more (drop (call $subscribe (local.get $a))) (br $more))',
		134,
		/handles/,
	],
	['A6: makes requests for ever', '(loop $more (drop (call $request (call $fields))) (br $more))', 134, /handles/],
	[
		'A6: makes bodies for ever',
		'(loop $more (call $requestBody (call $request (call $fields)) (i32.const 16)) (br $more))',
		134,
		/handles/,
	],
	['A6: makes responses for ever', '(loop $more (drop (call $response (call $fields))) (br $more))', 134, /handles/],
	['A6: makes values of blobs for ever', '(loop $more (drop (call $value)) (br $more))', 134, /handles/],
	['A6: takes the network for ever', '(loop $more (drop (call $network)) (br $more))', 134, /handles/],
	[
		'A6: opens a store for ever',
		'(loop $more (call $bucket (i32.const 32) (i32.const 1) (i32.const 16)) (br_if $more (i32.eqz (i32.load8_u (i32.const 16)))))',
		134,
		/handles/,
	],
	['A6: lists a folder for ever', untilRefused('(call $list (local.get $a) (i32.const 16))'), 1, /^$/],
	[
		'A6: reads a file for ever',
		untilRefused('(call $readVia (local.get $a) (i64.const 0) (i32.const 16))', `${opening(3)} (local.set $a (i32.load (i32.const 20)))`),
		1,
		/^$/,
	],
	['A6: opens files for ever', untilRefused(opening(2)), 1, /^$/],
] as const) {
	for (const {isolation, trying, note} of isolations) {
		trying(`${what}: a guest that does is ended, or given an error (${isolation})${note}`, async t => {
			const {containers} = await engineOf(t, await folderOf(t), {network});
			const bounds = code === 124 ? {...limits, timeout: 500n} : limits;
			const mounts = [{source: await folderOf(t), target: '/data', readOnly: false}];
			const spec = specOf(await commandOf(t, `(i32.store8 (i32.const 32) (i32.const 102)) ${body}`), {
				isolation,
				mounts,
				stores: [{kind: 'keyvalue', name: 'f'}],
				limits: bounds,
				interactive: true,
			});
			const {id} = await containers.create(spec);
			await containers.start(id);
			const ended = await containers.wait(id, 30_000);
			t.is(ended.exitCode, code, ended.reason);
			t.regex(ended.reason ?? '', reason);
		});
	}
}

for (const [what, fields] of [
	['more memory than there is', '(memory 65536)'],
	['two memories of more than the limit together', '(memory 600) (memory 600)'],
	['more memories than there may be', '(memory 1)'.repeat(200)],
	['a memory of 64 bits', '(memory i64 1)'],
	['a table of ten million', '(table 10000000 funcref)'],
] as const) {
	test.serial(`A3: a guest that wants ${what} is refused before it runs`, async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		const image = await bareOf(t, fields);
		const refused = await runToEnd(containers, specOf(image, {limits})).then(
			({exitCode, reason}) => `${exitCode} ${reason}`,
			error => `127 ${error.message}`,
		);
		t.log(refused);
		t.regex(refused, /^(127|134|137) /);
	});
}

for (const {node, make, trying, note} of nodes) {
	trying(`A2: ${node} in a volume is refused at once, and nobody waits for it${note}`, async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		const folder = await folderOf(t);
		await make(t, join(folder, 'node'));
		const mounts = [{source: folder, target: '/data', readOnly: false}];
		const image = await guest('files-as');
		for (const words of [
			['cat', '/data/node'],
			['write', '/data/node', 'x'],
		]) {
			const {exitCode, stderr, reason} = await runToEnd(containers, specOf(image, {mounts, arguments: words, limits}));
			t.is(exitCode, 1, reason);
			t.log(stderr);
		}
	});
}

for (const [clock, nanoseconds, what] of [
	['fine', 1_000, 'microseconds'],
	['coarse', 1_000_000, 'milliseconds'],
] as const) {
	for (const {isolation, trying, note} of isolations) {
		trying(`A12: a clock that is ${clock} tells ${what} apart and nothing finer, and says so (${isolation})${note}`, async t => {
			const {containers} = await engineOf(t, await folderOf(t), {runtime: {use: runtime, config: {clock}}});
			const image = await commandOf(
				t,
				`(loop $more
					(if (i64.ne (i64.const 0) (i64.rem_u (call $now) (call $resolution))) (then unreachable))
					(local.set $a (i32.add (local.get $a) (i32.const 1)))
					(br_if $more (i32.lt_u (local.get $a) (i32.const 10000))))
				(call $block (call $timer (i64.const 10)))
				(if (i64.eq (call $resolution) (i64.const ${nanoseconds})) (then (return (i32.const 0))))`,
			);
			const {exitCode, reason} = await runToEnd(containers, specOf(image, {isolation}));
			t.is(exitCode, 0, reason);
		});
	}
}

for (const [what, image] of [
	['has memory that threads share', (t: ExecutionContext) => bareOf(t, '(memory 1 1 shared)')],
	[
		'starts threads',
		(t: ExecutionContext) =>
			fileOf(
				t,
				`(module
					(import "env" "memory" (memory 1 2 shared))
					(import "wasi" "thread-spawn" (func (param i32) (result i32)))
					(func (export "wasi_thread_start") (param i32 i32))
					(func (export "_start")))`,
			),
	],
] as const) {
	test.serial(`A12: a guest that ${what} is refused`, async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		await t.throwsAsync(containers.create(specOf(await image(t))), {message: /shared memory|thread/});
	});
}
