import network from '@forgeone/plugin-network';
import test, {type ExecutionContext} from 'ava';
import {guest} from '../support/guests.ts';
import {isolations} from '../support/isolations.ts';
import {type ContainersClient, engineOf, folderOf, peakOf, runToEnd, specOf} from '../support/runtime.ts';
import {commandOf} from '../support/wat.ts';

const MiB = 2 ** 20;

/** What a call may cost the host, in bytes. */
const COST = 16 * MiB;

const limits = {memory: 64n * 2n ** 20n, timeout: 20_000n};

/** Text as long as a call may carry, and longer; and as many things as fit into so much memory, or as there may never be. */
const LONG = '(i32.const 8388608)';
const LONGER = '(i32.const 16777216)';
const MILLION = '(i32.const 1000000)';
const MOST = '(i32.const -1)';
const AT = '(i32.const 65536)';
const OUT = '(i32.const 16)';
const HUGE = '(i64.const 0x4000000000000000)';

const folder = `(call $folders ${OUT}) (local.set $a (i32.load (i32.load ${OUT})))`;
const bucket = `(call $bucket ${AT} (i32.const 1) ${OUT}) (if (i32.load8_u ${OUT}) (then unreachable)) (local.set $a (i32.load (i32.const 20)))`;
const request = '(local.set $a (call $request (call $fields)))';

/** A call that a guest makes of the host, after what it takes to make it; and how the guest ends. */
const calls: readonly (readonly [what: string, body: string, code: number, reason?: RegExp])[] = [
	['2^62 random bytes', `(call $random ${HUGE} ${OUT})`, 134, /random bytes/],
	['2^32 - 1 random bytes', `(call $random (i64.const 0xffffffff) ${OUT})`, 134, /random bytes/],
	['2^62 random bytes of the other kind', `(call $insecure ${HUGE} ${OUT})`, 134, /random bytes/],
	['to read 2^62 bytes at once', `(call $read (call $stdin) ${HUGE} ${OUT})`, 1],
	['to skip 2^62 bytes at once', `(call $skip (call $stdin) ${HUGE} ${OUT})`, 1],
	['to splice 2^62 bytes at once', `(call $splice (call $stdout) (call $stdin) ${HUGE} ${OUT})`, 1],
	['to write 2^62 zeroes', `(call $zeroes (call $stdout) ${HUGE} ${OUT})`, 1],
	['to write 2^32 - 1 bytes that it has not', `(call $write (call $stdout) (i32.const 0) ${MOST} ${OUT})`, 134, /longer than 2/],
	['to write 16 MiB at once', `(call $write (call $stdout) ${AT} ${LONGER} ${OUT})`, 134, /16777216 bytes where/],
	['to write 16 MiB without waiting', `(call $put (call $stdout) ${AT} ${LONGER} ${OUT})`, 134, /16777216 bytes where/],
	['to poll 2^32 - 1 things', `(call $poll (i32.const 0) ${MOST} ${OUT})`, 134, /FORGE_/],
	['to poll more than its memory holds', `(call $poll (i32.const 0) (i32.const 0x0fffffff) ${OUT})`, 134, /FORGE_/],
	['to poll a million things', `(call $poll ${AT} ${MILLION} ${OUT})`, 134, /FORGE_/],
	['to read 2^62 bytes of a file', `${folder} (call $readFile (local.get $a) ${HUGE} (i64.const 0) ${OUT})`, 1],
	[
		'to write 2^32 - 1 bytes to a file',
		`${folder} (call $writeFile (local.get $a) (i32.const 0) ${MOST} (i64.const 0) ${OUT})`,
		134,
		/longer than 2/,
	],
	['to open a path of 8 MiB', `${folder} (call $openAt (local.get $a) (i32.const 1) ${AT} ${LONG} (i32.const 1) (i32.const 1) ${OUT})`, 1],
	[
		'to open a path of 16 MiB',
		`${folder} (call $openAt (local.get $a) (i32.const 1) ${AT} ${LONGER} (i32.const 1) (i32.const 1) ${OUT})`,
		134,
		/bytes in one call/,
	],
	['about a path of 2^32 - 1 bytes', `${folder} (call $stat (local.get $a) (i32.const 1) ${AT} ${MOST} ${OUT})`, 134, /longer than 2/],
	['to make a link of 8 MiB', `${folder} (call $symlink (local.get $a) ${AT} ${LONG} ${AT} (i32.const 1) ${OUT})`, 1],
	['to look up a name of 8 MiB', `(call $resolve (call $network) ${AT} ${LONG} ${OUT})`, 1],
	['to look up a name of 16 MiB', `(call $resolve (call $network) ${AT} ${LONGER} ${OUT})`, 134, /bytes in one call/],
	['for a million fields at once', `(call $fromList ${AT} ${MILLION} ${OUT})`, 134, /FORGE_/],
	['for as many fields at once as a call carries', `(call $fromList ${AT} (i32.const 15000) ${OUT})`, 1],
	['for a field of a million values', `(call $set (call $fields) ${AT} (i32.const 1) ${AT} ${MILLION} ${OUT})`, 134, /FORGE_/],
	['for a field whose value has 8 MiB', `(call $append (call $fields) ${AT} (i32.const 1) ${AT} ${LONG} ${OUT})`, 1],
	['for a field whose name has 8 MiB', `(call $append (call $fields) ${AT} ${LONG} ${AT} (i32.const 1) ${OUT})`, 1],
	[
		'for a million fields of an answer',
		`(local.set $a (call $fields))
		(i32.store8 ${AT} (i32.const 120))
		(loop $more
			(call $append (local.get $a) ${AT} (i32.const 1) ${AT} (i32.const 1) ${OUT})
			(local.set $b (i64.add (local.get $b) (i64.const 1)))
			(br_if $more (i64.lt_u (local.get $b) (i64.const 1000000))))
		(drop (call $response (local.get $a)))`,
		134,
		/1024 fields/,
	],
	['for a request to a path of 8 MiB', `${request} (drop (call $setPath (local.get $a) (i32.const 1) ${AT} ${LONG}))`, 1],
	['for a request to a host of 8 MiB', `${request} (drop (call $setAuthority (local.get $a) (i32.const 1) ${AT} ${LONG}))`, 1],
	['for a request by a method of 8 MiB', `${request} (drop (call $setMethod (local.get $a) (i32.const 9) ${AT} ${LONG}))`, 1],
	['for a store whose name has 8 MiB', `(call $bucket ${AT} ${LONG} ${OUT})`, 1],
	['for a key of 8 MiB', `${bucket} (call $getKey (local.get $a) ${AT} ${LONG} ${OUT})`, 1],
	['to keep a value of 8 MiB', `${bucket} (call $setKey (local.get $a) ${AT} (i32.const 1) ${AT} ${LONG} ${OUT})`, 1],
	['for the keys after one of 8 MiB', `${bucket} (call $keys (local.get $a) (i32.const 1) ${AT} ${LONG} ${OUT})`, 1],
	['for a million keys', `${bucket} (call $getMany (local.get $a) ${AT} ${MILLION} ${OUT})`, 134, /bytes in one call/],
	['to keep a million pairs', `${bucket} (call $setMany (local.get $a) ${AT} ${MILLION} ${OUT})`, 134, /bytes in one call/],
	['for a blob store whose name has 8 MiB', `(call $blobs ${AT} ${LONG} ${OUT})`, 1],
	['for a setting whose name has 8 MiB', `(call $setting ${AT} ${LONG} ${OUT})`, 1],
	['to log 8 MiB', `(call $log (i32.const 0) ${AT} (i32.const 0) ${AT} ${LONG})`, 1],
	['to log 16 MiB', `(call $log (i32.const 0) ${AT} (i32.const 0) ${AT} ${LONGER})`, 134, /bytes in one call/],
];

/** Runs a command whose memory holds all that it may ask with, in a thread: then the memory of its host is that of this process. */
async function run(t: ExecutionContext, containers: ContainersClient, source: string, body: string) {
	// The name of the store that it has.
	const memory = `(drop (memory.grow (i32.const 300))) (i32.store8 ${AT} (i32.const 115))`;
	const mounts = [{source, target: '/data', readOnly: false}];
	const stores = [{kind: 'keyvalue' as const, name: 's'}];
	const image = await commandOf(t, memory + body);
	const {id} = await containers.create(specOf(image, {isolation: 'thread', mounts, stores, limits, egress: ['*.example.com:443']}));
	const peak = await peakOf(async () => {
		await containers.start(id);
		await containers.wait(id, 30_000);
	});
	return {peak, ended: await containers.inspect(id)};
}

test.serial('A5: no call of the host costs it 16 MiB, whatever length a guest gives it', async t => {
	t.timeout(120_000);
	const {containers} = await engineOf(t, await folderOf(t), {network});
	const folder = await folderOf(t);
	const quiet = '(return (i32.const 0))';
	// The first ones have much compiled.
	for (let i = 0; i < 3; i++) await run(t, containers, folder, quiet);
	let base = Number.POSITIVE_INFINITY;
	for (let i = 0; i < 3; i++) base = Math.min(base, (await run(t, containers, folder, quiet)).peak);
	let most = 0;
	for (const [what, body, code, reason = /^$/] of calls) {
		// What a collector has not come to yet is in it, but not each time.
		let least = Number.POSITIVE_INFINITY;
		for (let i = 0; i < 8 && least > base + COST; i++) {
			const {peak, ended} = await run(t, containers, folder, body);
			t.is(ended.exitCode, code, `asks ${what}: ${ended.reason}`);
			t.regex(ended.reason ?? '', reason, `asks ${what}`);
			least = Math.min(least, peak);
		}
		most = Math.max(most, least);
		t.true(least < base + COST, `asks ${what}: ${least - base} bytes more`);
	}
	t.log(
		`a guest that asks for nothing costs ${Math.round(base / MiB)} MiB, the costliest call ${Math.round((most - base) / MiB)} MiB more`,
	);
});

for (const {isolation, trying, note} of isolations) {
	trying(`A5: arguments and environment of a megabyte arrive, and more are refused (${isolation})${note}`, async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		const image = await guest('env-as');
		const long = 'x'.repeat(500_000);
		const {exitCode, reason, stdout} = await runToEnd(
			containers,
			specOf(image, {isolation, arguments: [long], environment: [['LONG', long]]}),
		);
		t.is(exitCode, 0, reason);
		t.true(stdout.includes(`arg ${long}\n`) && stdout.includes(`LONG=${long}\n`));
		const longer = specOf(image, {isolation, arguments: [long, long], environment: [['LONG', long]]});
		await t.throwsAsync(containers.create(longer), {code: 'FORGE_SPEC_INVALID', message: /more than 1 MiB/});
	});
}
