import {spawn} from 'node:child_process';
import {linkSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {descriptors, follow, operations, picture, sandbox, stay, thrown} from './cell.ts';

/** A folder with a canary outside and, inside, whatever leads there. */
function trap(options = {}) {
	const box = sandbox(options);
	const inside = (name: string) => join(box.inside, name);
	writeFileSync(join(box.outside, 'canary'), 'sings');
	mkdirSync(join(box.outside, 'empty'));
	mkdirSync(inside('sub'));
	writeFileSync(inside('victim'), '');
	const links: Readonly<Record<string, string>> = {
		up: '..',
		absolute: box.outside,
		chain: 'absolute',
		s: '.',
		round: 's/../..',
		k: 's/../outside',
		'sub/back': '..',
		'sub/out': '../../outside',
		'file-out': '../outside/canary',
		'dangling-out': '../outside/new',
		slashes: '..//outside///canary',
		magic: '/proc/self/cwd',
		root: '/',
		loop: 'loop',
	};
	for (const [name, target] of Object.entries(links)) symlinkSync(target, inside(name));
	for (let i = 0; i <= 41; i++) symlinkSync(i === 0 ? '../outside/canary' : `far${i - 1}`, inside(`far${i}`));
	symlinkSync(Buffer.from([0x2e, 0x2e, 0x2f, 0xff]), inside('no-text'));
	return box;
}

/** Ways out, and names that are odd enough to be one; whether a call that does not follow the last link may leave `not-permitted` unsaid. */
const refused = [
	'..',
	'../outside/canary',
	'../outside',
	'/',
	'//',
	'/etc/passwd',
	'/proc/self/cwd',
	'/proc/self/root/etc',
	'//etc/passwd',
	'../',
	'.././',
];
const through = ['sub/../../outside/canary', './../outside/new', 'up/outside/canary', 'up/outside/new', 'absolute/canary', 'chain/canary'];
const back = [
	'round/outside/canary',
	'sub/back/../outside/canary',
	'k/canary',
	'sub/out/canary',
	'sub/out/empty',
	'../inside/../outside/canary',
	'magic/x',
	'root/etc/passwd',
];
const lasts = ['up', 'absolute', 'chain', 'file-out', 'dangling-out', 'round', 'k', 'slashes', 'sub/back/..', 'sub/out', 'magic', 'root'];
const odd = [
	'',
	'.',
	'./',
	'sub/',
	'sub//',
	'victim/',
	'victim//.',
	'\\..\\outside\\canary',
	'..\\outside',
	'a\0b',
	'../outside/canary\0',
	'x'.repeat(4096),
	'x/'.repeat(2049),
	'../'.repeat(2000),
	'loop',
	'loop/x',
	'far41',
	'no-text',
	'no-text/x',
	'sub/..',
];

const followers = ['open', 'create', 'truncate', 'stat', 'setTimes', 'hash', 'linkFrom'];

test('A8: no path and no link reaches what is outside, by any call', t => {
	const codes = new Map<string, unknown>();
	for (const [name, call] of Object.entries(operations)) {
		for (const path of [...refused, ...through, ...back, ...lasts, ...odd]) {
			using box = trap();
			const before = picture(box.outside);
			const code = thrown(() => call(box.dir, path));
			const what = `${name} ${path.slice(0, 40)}`;
			t.deepEqual(picture(box.outside), before, what);
			t.true(code === undefined || typeof code === 'string', `${what}: ${code}`);
			codes.set(`${name} ${path}`, code);
		}
	}
	for (const name of Object.keys(operations)) {
		for (const path of [...refused, ...through, ...back]) t.is(codes.get(`${name} ${path}`), 'not-permitted', `${name} ${path}`);
	}
	for (const name of followers) {
		for (const path of lasts) t.is(codes.get(`${name} ${path}`), 'not-permitted', `${name} ${path}`);
	}
	for (const name of followers) t.is(codes.get(`${name} far41`), 'loop', name);
});

test('A8: nothing outside changes by way of a read-only folder, nor anything in it', t => {
	for (const [name, call] of Object.entries(operations)) {
		for (const path of [...through, ...lasts, 'victim', 'sub', 'new']) {
			using box = trap({readOnly: true});
			const before = [...picture(box.outside), ...picture(box.inside)];
			thrown(() => call(box.dir, path));
			t.deepEqual([...picture(box.outside), ...picture(box.inside)], before, `${name} ${path}`);
		}
	}
});

test('A8: a folder that was opened is a root, wherever it is moved to and whatever takes its place', t => {
	using box = trap();
	using sub = box.dir.openAt(stay, 'sub', {directory: true}, {read: true, mutateDirectory: true});
	for (const [name, call] of Object.entries(operations)) {
		t.is(
			thrown(() => call(sub, '../victim')),
			'not-permitted',
			name,
		);
	}
	renameSync(join(box.inside, 'sub'), join(box.outside, 'moved'));
	symlinkSync('../outside', join(box.inside, 'sub'));
	const before = picture(join(box.outside, 'empty'));
	for (const [name, call] of Object.entries(operations))
		t.is(
			thrown(() => call(sub, '../empty')),
			'not-permitted',
			name,
		);
	t.deepEqual(picture(join(box.outside, 'empty')), before);
	sub.createDirectoryAt('mine');
	t.true(readdirSync(join(box.outside, 'moved')).includes('mine'));
	t.is(
		thrown(() => box.dir.openAt(follow, 'sub/canary', {}, {read: true})),
		'not-permitted',
	);
});

test('A8: no name is linked or moved from one mount to another, in either direction', t => {
	using one = trap();
	using two = trap({readOnly: true});
	for (const [from, to] of [
		[one, two],
		[two, one],
	] as const) {
		const before = [...picture(from.inside), ...picture(to.inside)];
		t.is(
			thrown(() => from.dir.linkAt(stay, 'victim', to.dir, 'v')),
			'cross-device',
		);
		t.is(
			thrown(() => from.dir.renameAt('victim', to.dir, 'v')),
			'cross-device',
		);
		t.deepEqual([...picture(from.inside), ...picture(to.inside)], before);
	}
});

test('A8: a hard link that was made to something outside gives that file and nothing more', t => {
	using box = trap({readOnly: true});
	linkSync(join(box.outside, 'canary'), join(box.inside, 'hard'));
	using file = box.dir.openAt(stay, 'hard', {}, {read: true});
	t.is(
		thrown(() => file.write(new Uint8Array(1), 0n)),
		'read-only',
	);
	t.is(
		thrown(() => box.dir.openAt(stay, 'hard', {truncate: true}, {read: true})),
		'read-only',
	);
	t.is(readFileSync(join(box.outside, 'canary'), 'utf8'), 'sings');
});

test('A8: the links of the system that lead anywhere are not followed', t => {
	using box = sandbox({path: '/proc/self', readOnly: true});
	for (const path of ['cwd', 'cwd/package.json', 'root', 'root/etc/passwd', 'exe', 'task/../cwd']) {
		t.is(
			thrown(() => box.dir.openAt(follow, path, {}, {read: true})),
			'not-permitted',
			path,
		);
	}
	t.is(box.dir.statAt(stay, 'cwd').type, 'symbolic-link');
	t.is(
		thrown(() => box.dir.readlinkAt('cwd')),
		'not-permitted',
	);
});

/** What a second process does to the tree, without an end. */
const flips = `const {renameSync: mv} = require('fs'); process.chdir(process.argv[1]); console.log();
	for (;;) {
		mv('turn', 'folder'); mv('link', 'turn'); mv('turn', 'link'); mv('folder', 'turn');
		mv('file', 'kept'); mv('file-link', 'file'); mv('file', 'file-link'); mv('kept', 'file');
		mv('deep/a/b', 'b'); mv('b', 'deep/a/b');
		mv('swap', 'plain'); mv('was-file', 'swap'); mv('swap', 'was-file'); mv('plain', 'swap');
	}`;

test('A8: 100,000 opens lead nowhere else while another process swaps folders, files and links', async t => {
	using box = sandbox();
	const inside = (name: string) => join(box.inside, name);
	for (const folder of ['turn', 'deep', 'deep/a', 'deep/a/b', 'swap']) mkdirSync(inside(folder));
	mkdirSync(join(box.outside, 'there'));
	for (const folder of [inside('turn'), inside('deep/a/b'), inside('swap'), box.inside]) writeFileSync(join(folder, 'canary'), 'inside');
	for (const folder of [join(box.outside, 'there'), box.outside, join(box.outside, '..')]) writeFileSync(join(folder, 'canary'), 'outside');
	for (const name of ['file', 'was-file']) writeFileSync(inside(name), 'inside');
	symlinkSync('../outside/there', inside('link'));
	symlinkSync('../outside/canary', inside('file-link'));
	const before = [descriptors(box.inside), ...picture(box.outside)];
	const child = spawn(process.execPath, ['-e', flips, box.inside], {stdio: ['ignore', 'pipe', 'inherit']});
	const gone = new Promise(resolve => child.once('exit', resolve));
	await new Promise(resolve => child.stdout.once('data', resolve));

	const paths = [
		'turn/canary',
		'turn/../turn/canary',
		'file',
		'deep/a/b/../../../canary',
		'deep/a/b/../../../../canary',
		'swap/canary',
		'swap',
	];
	const changes = [
		(path: string) => box.dir.openAt(follow, path, {create: true, truncate: true}, {write: true})[Symbol.dispose](),
		(path: string) => box.dir.setTimesAt(follow, path, {tag: 'now'}, {tag: 'now'}),
		(path: string) => box.dir.linkAt(follow, path, box.dir, 'linked'),
		(path: string) => box.dir.symlinkAt('canary', path),
	];
	const found = new Set<string>();
	const codes = new Set<unknown>();
	for (let i = 0; i < 100_000; i++) {
		const path = paths[i % paths.length] as string;
		const code = thrown(() => {
			using file = box.dir.openAt(follow, path, {}, {read: true});
			if (file.getType() === 'regular-file') found.add(new TextDecoder().decode(file.read(1000n, 0n)[0]));
		});
		codes.add(code);
		if (i % 50 === 0) {
			thrown(() => changes[(i / 50) % changes.length]?.(path === 'swap' ? 'turn/mark' : path));
			thrown(() => box.dir.unlinkFileAt('linked'));
		}
	}
	child.kill('SIGKILL');
	await gone;
	t.false(found.has('outside'));
	t.true(found.has('inside'));
	t.true(codes.has('not-permitted') && codes.has('no-entry'), [...codes].join());
	t.deepEqual([descriptors(box.inside), ...picture(box.outside)], before);
});
