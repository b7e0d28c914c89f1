import {globSync} from 'node:fs';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {env} from 'node:process';
import {witGolden} from '@forgeone/sdk/testing';
import test, {type ExecutionContext} from 'ava';
import {auditComponent} from '../security/boot.ts';
import {verdict} from '../support/runner.ts';

const builtin = join(import.meta.dirname, '../../node_modules/@bytecodealliance/jco/lib/wit/builtin');

/** Writes WIT into a folder that goes with the test, and compares. */
async function comparing(t: ExecutionContext) {
	const folder = await mkdtemp(join(tmpdir(), 'forge-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const golden = join(folder, 'golden.wit');
	const compared = async (artefact: string) => (await verdict(inner => witGolden(inner, artefact, golden)))?.message;
	const updated = async (artefact: string) => {
		env.FORGE_GOLDEN = 'update';
		try {
			return await compared(artefact);
		} finally {
			delete env.FORGE_GOLDEN;
		}
	};
	const write = async (name: string, text: string) => {
		await writeFile(join(folder, name), text);
		return join(folder, name);
	};
	return {golden, compared, updated, write};
}

/** A shelf of notes, and what it needs; each part may be another one. */
const shelf = ({
	version = '1.2.0',
	types = 'record note { text: string }',
	more = '',
	get = 'get: func(id: u32) -> option<note>;',
	needs = 'now: func() -> u64;',
	world = '',
} = {}) => `package demo:shelf@${version};
interface clock { ${needs} }
interface notes { ${types} ${get} ${more} }
world shelf { import clock; export notes; ${world} }
`;

const changes: [title: string, before: string, after: string, lines: string[]][] = [
	['a function more', shelf(), shelf({more: 'count: func() -> u32;'}), ['compatible: now gives "demo:shelf/notes@1.2.0#count"']],
	['a function less', shelf({more: 'count: func() -> u32;'}), shelf(), ['breaking: no longer gives "demo:shelf/notes@1.2.0#count"']],
	[
		'a function with another parameter',
		shelf(),
		shelf({get: 'get: func(id: u64) -> option<note>;'}),
		['breaking: "demo:shelf/notes@1.2.0#get" was "get: func(id: u32) -> option<note>" and is "get: func(id: u64) -> option<note>"'],
	],
	[
		'a parameter with another name',
		shelf(),
		shelf({get: 'get: func(key: u32) -> option<note>;'}),
		['breaking: "demo:shelf/notes@1.2.0#get" was "get: func(id: u32) -> option<note>" and is "get: func(key: u32) -> option<note>"'],
	],
	[
		'a field more in a record',
		shelf(),
		shelf({types: 'record note { text: string, due: option<u64> }'}),
		['breaking: "demo:shelf/notes@1.2.0#note" was "record note { text: string }" and is "record note { text: string, due: option<u64> }"'],
	],
	[
		'a type more',
		shelf(),
		shelf({types: 'record note { text: string } enum kind { a, b }'}),
		['compatible: now gives "demo:shelf/notes@1.2.0#kind"'],
	],
	[
		'a need more in what it needed',
		shelf(),
		shelf({needs: 'now: func() -> u64; zone: func() -> string;'}),
		['breaking: needs "demo:shelf/clock@1.2.0#zone", which it did not'],
	],
	[
		'a need less',
		shelf({needs: 'now: func() -> u64; zone: func() -> string;'}),
		shelf(),
		['compatible: no longer needs "demo:shelf/clock@1.2.0#zone"'],
	],
	[
		'an interface that it needs',
		shelf(),
		shelf({world: 'import dice: interface { roll: func() -> u8; }'}),
		['breaking: needs "dice", which it did not'],
	],
	[
		'an interface that it needs no more',
		shelf({world: 'import dice: interface { roll: func() -> u8; }'}),
		shelf(),
		['compatible: no longer needs "dice"'],
	],
	['an interface more', shelf(), shelf({world: 'export dice: interface { roll: func() -> u8; }'}), ['compatible: now gives "dice"']],
	['an interface less', shelf({world: 'export dice: interface { roll: func() -> u8; }'}), shelf(), ['breaking: no longer gives "dice"']],
	[
		'a function of the world',
		shelf({world: 'export go: func();'}),
		shelf({world: 'import go: func();'}),
		['breaking: needs "go", which it did not', 'breaking: no longer gives "go"'],
	],
	[
		'a version that others meet',
		shelf(),
		shelf({version: '1.3.0'}),
		[
			'compatible: has "demo:shelf/clock@1.3.0" in place of "demo:shelf/clock@1.2.0"',
			'compatible: has "demo:shelf/notes@1.3.0" in place of "demo:shelf/notes@1.2.0"',
		],
	],
	[
		'a version that nobody meets',
		shelf(),
		shelf({version: '2.0.0'}),
		[
			'breaking: has "demo:shelf/clock@2.0.0" in place of "demo:shelf/clock@1.2.0"',
			'breaking: has "demo:shelf/notes@2.0.0" in place of "demo:shelf/notes@1.2.0"',
		],
	],
	[
		'what breaks and what does not',
		shelf({more: 'old: func();'}),
		shelf({more: 'new: func();'}),
		['breaking: no longer gives "demo:shelf/notes@1.2.0#old"', 'compatible: now gives "demo:shelf/notes@1.2.0#new"'],
	],
	[
		'a method of a resource',
		shelf({more: 'resource board { constructor(); pin: func(note: note); }'}),
		shelf({more: 'resource board { constructor(width: u32); }'}),
		[
			'breaking: "demo:shelf/notes@1.2.0#[constructor]board" was "constructor()" and is "constructor(width: u32)"',
			'breaking: no longer gives "demo:shelf/notes@1.2.0#[method]board.pin"',
		],
	],
	['the order alone', shelf({more: 'a: func(); b: func();'}), shelf({more: 'b: func(); a: func();'}), []],
	['prose alone', shelf(), shelf().replace('interface notes', '/// What is to be done.\ninterface notes'), []],
];

for (const [title, before, after, lines] of changes) {
	test.serial(`golden: ${title}`, async t => {
		const {golden, compared, updated, write} = await comparing(t);
		const artefact = await write('world.wit', before);
		t.is(await updated(artefact), undefined);
		t.is(await compared(artefact), undefined);
		await write('world.wit', after);
		const told = [`"${artefact}" is not what "${golden}" says`, ...lines, 'where this is meant, run with FORGE_GOLDEN=update'];
		t.is(await compared(artefact), lines.length === 0 ? undefined : told.join('\n'));
		t.is(await updated(artefact), undefined);
		t.is(await compared(artefact), undefined);
	});
}

test.serial('golden: what is not there is asked for, and a component can be compared with a world of WIT', async t => {
	const {golden, compared, updated, write} = await comparing(t);
	const missing = await verdict(inner => witGolden(inner, auditComponent, golden));
	t.like(missing, {code: 'FORGE_TEST_GOLDEN', message: `there is no "${golden}" to compare with`});
	await updated(auditComponent);
	t.is(await compared(auditComponent), undefined);
	t.regex(await readFile(golden, 'utf8'), /^\t\tappend: func\(entry: entry\);$/m);
	await write('golden.wit', 'package a:b;\nworld w { import forgeone:storage/store@0.1.0; export forgeone:security/audit@0.1.0; }\n');
	t.is(await compared(auditComponent), undefined);
	await write('golden.wit', 'package a:b;\nworld w { export forgeone:security/audit@0.1.0; export forgeone:security/appraisal@0.1.0; }\n');
	t.deepEqual((await compared(auditComponent))?.split('\n').slice(1, -1), [
		'breaking: needs "forgeone:storage/store@0.1.0", which it did not',
		'breaking: no longer gives "forgeone:security/appraisal@0.1.0"',
	]);
});

for (const version of ['0.2.12', '0.3.0']) {
	test.serial(`golden: all of WASI ${version} is written down, and read as it was`, async t => {
		const {golden, compared, updated, write} = await comparing(t);
		const files = globSync('wasi-*/*.wit', {cwd: join(builtin, version)});
		const texts = await Promise.all(files.map(file => readFile(join(builtin, version, file), 'utf8')));
		const nested = texts.map(text => `${text.replace(/package ([^;{]+);/, 'package $1 {')}\n}\n`).join('');
		const includes = ['cli/command', 'http/proxy'].map(world => (version === '0.3.0' ? world.replace('proxy', 'service') : world));
		const artefact = await write(
			'world.wit',
			`package t:t;\nworld w { ${includes.map(world => `include wasi:${world}@${version};`).join(' ')} }\n${nested}`,
		);
		t.is(await updated(artefact), undefined);
		t.true((await readFile(golden, 'utf8')).length > 10_000);
		t.is(await compared(artefact), undefined);
		// What was read of it says the same, though in another order.
		t.is(await updated(golden), undefined);
		t.is(await compared(artefact), undefined);
	});
}
