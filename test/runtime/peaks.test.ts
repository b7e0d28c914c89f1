import {readFile} from 'node:fs/promises';
import network from '@forgeone/plugin-network';
import test, {type ExecutionContext} from 'ava';
import {descendants} from '../support/cells.ts';
import {isolations} from '../support/isolations.ts';
import {type ContainersClient, engineOf, folderOf, specOf} from '../support/runtime.ts';
import {commandOf} from '../support/wat.ts';

const MiB = 2 ** 20;
const LIMIT = 64 * MiB;

/** What a guest may have its cell take beside its memory, and what an idle cell has. */
const BESIDE = 64 * MiB;

const AT = '(i32.const 65536)';
const OUT = '(i32.const 16)';
const ONE = '(i32.const 1)';
const LONG = '(i32.const 8388608)';

const folder = `(call $folders ${OUT}) (local.set $a (i32.load (i32.load ${OUT})))`;
const bucket = `(call $bucket ${AT} ${ONE} ${OUT}) (local.set $a (i32.load (i32.const 20)))`;
const file = `(i32.store8 ${AT} (i32.const 102)) (call $openAt (local.get $a) ${ONE} ${AT} ${ONE} ${ONE} (i32.const 3) ${OUT}) (local.set $a (i32.load (i32.const 20)))`;
const slashes = `(memory.fill ${AT} (i32.const 47) (i32.const 4000))`;
const host = Array.from('a.example.com', (letter, i) => `(i32.store8 (i32.const ${65_536 + i}) (i32.const ${letter.charCodeAt(0)}))`).join(
	'',
);
const request = `(local.set $a (call $request (call $fields))) (drop (call $setAuthority (local.get $a) ${ONE} ${AT} (i32.const 13)))`;
const fill = `(loop $fill
	(local.set $a (memory.grow ${ONE}))
	(if (i32.ne (local.get $a) (i32.const -1))
		(then (memory.fill (i32.shl (local.get $a) (i32.const 16)) ${ONE} (i32.const 65536)) (br $fill))))`;

/** Goes on to its deadline, or is ended for what could not be collected by then; or runs out of handles before. */
const inTime = /^(124|137 out of memory: its cell)/;
const inTimeOrFull = /^(124|137 out of memory: its cell|134 .*handles)/;

/** What a guest does again and again, after what it takes to begin; and how it ends. */
const floods: readonly (readonly [what: string, begin: string, again: string, end: RegExp])[] = [
	['logs 8 MiB', '', `(call $log (i32.const 0) ${AT} (i32.const 0) ${AT} ${LONG})`, inTime],
	['logs 1 KiB', '', `(call $log (i32.const 0) ${AT} (i32.const 0) ${AT} (i32.const 1024))`, inTime],
	['logs 8 MiB with its memory full', fill, `(call $log (i32.const 0) ${AT} (i32.const 0) ${AT} ${LONG})`, inTime],
	['writes 8 MiB to its output', '', `(call $write (call $stdout) ${AT} ${LONG} ${OUT})`, inTimeOrFull],
	['asks for 1 MiB of noise', '', `(call $random (i64.const 1048576) ${OUT})`, inTime],
	['keeps a value of 8 MiB', bucket, `(call $setKey (local.get $a) ${AT} ${ONE} ${AT} ${LONG} ${OUT})`, inTime],
	['asks for a key of 8 MiB', bucket, `(call $getKey (local.get $a) ${AT} ${LONG} ${OUT})`, inTime],
	['opens a path of 8 MiB', folder, `(call $openAt (local.get $a) ${ONE} ${AT} ${LONG} ${ONE} ${ONE} ${OUT})`, inTime],
	['asks for a path of 1 KiB', folder, `(call $stat (local.get $a) ${ONE} ${AT} (i32.const 1024) ${OUT})`, inTime],
	['asks for what it is refused', folder + slashes, `(call $stat (local.get $a) ${ONE} ${AT} (i32.const 4000) ${OUT})`, inTime],
	['writes 8 MiB to a file', folder + file, `(call $writeFile (local.get $a) ${AT} ${LONG} (i64.const 0) ${OUT})`, inTime],
	['looks up a name of 8 MiB', '', `(call $resolve (call $network) ${AT} ${LONG} ${OUT})`, inTimeOrFull],
	['makes fields of as many as a call carries', '', `(call $fromList ${AT} (i32.const 15000) ${OUT})`, inTime],
	['makes a field of 8 MiB', '', `(call $append (call $fields) ${AT} ${ONE} ${AT} ${LONG} ${OUT})`, inTimeOrFull],
	[
		'has its host keep fields of 120 kB',
		`(memory.fill ${AT} (i32.const 120) (i32.const 120000))`,
		`(call $append (call $fields) ${AT} ${ONE} ${AT} (i32.const 120000) ${OUT})`,
		inTime,
	],
	['makes timers', '', '(drop (call $timer (i64.const -1)))', /^(124|134 .*8192 handles)/],
	[
		'makes requests, and drops their answers',
		host,
		`${request} (call $handle (local.get $a) (i32.const 0) (i32.const 0) ${OUT}) (call $dropAnswer (i32.load (i32.const 24)))`,
		/^(124|134 .*4096 calls at a time)/,
	],
];

/** The most memory that a process of this one's has had so far, in bytes: the system keeps count. */
async function peak(): Promise<number> {
	const found = await descendants(process.pid);
	const texts = await Promise.all(found.map(({pid}) => readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')));
	return Math.max(0, ...texts.map(text => Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1] ?? 0) * 1024));
}

/** Runs a command to its end; the most memory that its cell was seen to have, of all that it had. */
async function run(t: ExecutionContext, containers: ContainersClient, isolation: (typeof isolations)[number]['isolation'], body: string) {
	// The name of the store that it has, and room for what it asks with.
	const image = await commandOf(t, `(drop (memory.grow (i32.const 300))) (i32.store8 ${AT} (i32.const 115)) ${body}`);
	const {id} = await containers.create(
		specOf(image, {
			isolation,
			limits: {memory: BigInt(LIMIT), timeout: 1_500n},
			egress: ['*.example.com:443'],
			mounts: [{source: await folderOf(t), target: '/data', readOnly: false}],
			stores: [{kind: 'keyvalue', name: 's'}],
		}),
	);
	await containers.start(id);
	let highest = 0;
	for (;;) {
		const {state, exitCode, reason} = await containers.wait(id, 5);
		if (state === 'exited') return {highest, end: `${exitCode} ${reason ?? ''}`};
		highest = Math.max(highest, await peak());
	}
}

for (const {isolation, trying, note} of isolations) {
	if (isolation !== 'process' && isolation !== 'sandbox') continue;
	trying(
		`A3, A5: whatever a guest does without end, its cell has no more than its limit and 64 MiB beside (${isolation})${note}`,
		async t => {
			t.timeout(180_000);
			const {containers} = await engineOf(t, await folderOf(t), {network});
			const idle = await run(t, containers, isolation, '(call $block (call $timer (i64.const 500000000))) (return (i32.const 0))');
			t.regex(idle.end, /^0/);
			for (const [what, begin, again, end] of floods) {
				const {highest, end: ended} = await run(t, containers, isolation, `${begin} (loop $more ${again} (br $more))`);
				const more = highest - idle.highest;
				t.log(`a guest that ${what}: ${Math.round(highest / MiB)} MiB, ${Math.round(more / MiB)} more than an idle one; ${ended}`);
				t.regex(ended, end, what);
				t.true(more <= LIMIT + BESIDE, `a guest that ${what}: ${more} bytes more`);
			}
		},
	);
}

test.serial(
	"A1, A5: whatever a guest does without end in the engine's own thread, that comes back: it runs out of fuel, or of what it may hold",
	async t => {
		t.timeout(180_000);
		const {containers} = await engineOf(t, await folderOf(t), {network});
		for (const [what, begin, again] of floods) {
			const start = performance.now();
			const {end} = await run(t, containers, 'inline', `${begin} (loop $more ${again} (br $more))`);
			t.log(`a guest that ${what}: ${Math.round(performance.now() - start)} ms; ${end}`);
			t.regex(end, /^(124 deadline|134 (fuel exhausted|.*handles|.*calls at a time)|137 out of memory)/, what);
		}
	},
);
